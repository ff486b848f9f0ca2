import type { Problem } from "../devices/problem";
import type { View } from "./live";
import type { Person, Source } from "./model";
import type { LeaveReason } from "./reason";

export type Panel = "none" | "chat" | "people";

/** What happens to a call: reports of the shell, and wishes of the person before the screen. */
export type Event =
  | { readonly kind: "timeout" }
  | { readonly kind: "joined"; readonly people: readonly Person[] }
  | { readonly kind: "personChanged"; readonly person: Person }
  | { readonly kind: "personLeft"; readonly identity: string }
  /** Loudest first; empty in silence. */
  | { readonly kind: "speakersChanged"; readonly identities: readonly string[] }
  | { readonly kind: "signalLost" }
  | { readonly kind: "mediaLost" }
  | { readonly kind: "linkBack" }
  | { readonly kind: "ended"; readonly reason: LeaveReason }
  /** The browser wants a click before it plays sound. */
  | { readonly kind: "soundBlocked"; readonly blocked: boolean }
  | { readonly kind: "messageReceived"; readonly message: Incoming }
  | { readonly kind: "messageSettled"; readonly id: string; readonly ok: boolean }
  | { readonly kind: "sourceSettled"; readonly source: Source; readonly problem: Problem | null }
  | { readonly kind: "wish"; readonly wish: Wish };

export interface Incoming {
  readonly id: string;
  readonly from: string;
  readonly text: string;
  readonly sentAtMs: number;
}

/** What the person before the screen wants. */
export type Wish =
  | { readonly kind: "toggleSource"; readonly source: Source }
  | { readonly kind: "toggleHand" }
  | { readonly kind: "send"; readonly id: string; readonly draft: string }
  | { readonly kind: "retry"; readonly id: string }
  | { readonly kind: "chooseView"; readonly view: View }
  /** Shows this tile large, or lets go of it. */
  | { readonly kind: "togglePin"; readonly tile: string }
  | { readonly kind: "togglePanel"; readonly panel: Exclude<Panel, "none"> }
  | { readonly kind: "closePanel" }
  | { readonly kind: "dismissProblem" }
  | { readonly kind: "allowSound" }
  | { readonly kind: "leave" };

/** What the shell is asked to do. */
export type Effect =
  | { readonly kind: "setSource"; readonly source: Source; readonly on: boolean }
  /** `raisedAt` is ISO 8601; `null` takes the hand down. */
  | { readonly kind: "setHand"; readonly raisedAt: string | null }
  | { readonly kind: "sendText"; readonly id: string; readonly text: string }
  | { readonly kind: "startSound" }
  | { readonly kind: "rememberView"; readonly view: View }
  | { readonly kind: "leave" };
