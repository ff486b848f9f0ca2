import type { Conversation } from "../chat/messages";
import { SILENCE } from "../chat/messages";
import type { Problem } from "../devices/problem";
import type { Announcement } from "./announcement";
import type { Panel } from "./events";
import { type Link, UP } from "./link";
import type { People, Source } from "./model";
import { EMPTY, type Spotlight } from "./spotlight";

export type View = "grid" | "speaker";

/** A call that is going on. */
export interface Live {
  readonly kind: "live";
  readonly people: People;
  /** Identities of those who speak now, loudest first. */
  readonly speaking: readonly string[];
  readonly spotlight: Spotlight;
  readonly link: Link;
  readonly view: View;
  /** Key of the tile held large (see `arrange.ts`). */
  readonly pinned: string | null;
  readonly panel: Panel;
  readonly conversation: Conversation;
  /** Sources being opened or closed: their buttons wait. */
  readonly changing: ReadonlySet<Source>;
  readonly problem: { readonly source: Source; readonly problem: Problem } | null;
  readonly soundBlocked: boolean;
  readonly announcement: Announcement;
}

export function begin(view: View): Live {
  return {
    kind: "live",
    people: new Map(),
    speaking: [],
    spotlight: EMPTY,
    link: UP,
    view,
    pinned: null,
    panel: "none",
    conversation: SILENCE,
    changing: new Set(),
    problem: null,
    soundBlocked: false,
    announcement: { id: 0, said: null },
  };
}
