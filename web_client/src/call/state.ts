/**
 * A call, seen from one seat: `handle(state, nowMs, event)` gives the next state and what is to be done.
 *
 * Nothing here knows the SDK, the page or the clock; `session.ts` is the shell that does.
 */
import * as chat from "../chat/messages";
import type { Problem } from "../devices/problem";
import { say } from "./announcement";
import type { Effect, Event, Incoming } from "./events";
import * as link from "./link";
import type { Live } from "./live";
import type { Source } from "./model";
import { assembled, spoke, withoutPerson, withPerson } from "./people";
import type { LeaveReason } from "./reason";
import * as spotlight from "./spotlight";
import { fulfil } from "./wishes";

export type State = Live | { readonly kind: "over"; readonly reason: LeaveReason };
export type Step = readonly [State, readonly Effect[]];

/** Takes one event at `nowMs` (Unix time); one that means nothing now leaves the state as it is. */
export function handle(state: State, nowMs: number, event: Event): Step {
  if (state.kind === "over") {
    return [state, []];
  }
  switch (event.kind) {
    case "wish":
      return fulfil(state, nowMs, event.wish);
    case "ended":
      return [{ kind: "over", reason: event.reason }, []];
    default:
      return [reported(state, nowMs, event), []];
  }
}

/** When `handle` wants a `timeout`; `null` for never. */
export function deadline(state: State): number | null {
  if (state.kind === "over") {
    return null;
  }
  const due = [spotlight.deadline(state.spotlight), link.deadline(state.link)].filter((at) => at !== null);
  return due.length === 0 ? null : Math.min(...due);
}

type Report = Exclude<Event, { kind: "wish" } | { kind: "ended" }>;

function reported(live: Live, nowMs: number, event: Report): Live {
  switch (event.kind) {
    case "timeout":
      return timedOut(live, nowMs);
    case "joined":
      return assembled(live, event.people);
    case "personChanged":
      return withPerson(live, event.person);
    case "personLeft":
      return withoutPerson(live, event.identity);
    case "speakersChanged":
      return spoke(live, nowMs, event.identities);
    case "signalLost":
      return say({ ...live, link: link.SIGNAL_LOST }, { key: "signalLost" });
    case "mediaLost":
      return say({ ...live, link: link.mediaLost(live.link, nowMs) }, { key: "mediaLost" });
    case "linkBack":
      return say({ ...live, link: link.UP }, { key: "linkBack" });
    case "soundBlocked":
      return { ...live, soundBlocked: event.blocked };
    case "messageReceived":
      return receive(live, event.message);
    case "messageSettled":
      return deliver(live, event.id, event.ok);
    case "sourceSettled":
      return settle(live, event.source, event.problem);
  }
}

function timedOut(live: Live, nowMs: number): Live {
  return {
    ...live,
    spotlight: spotlight.settled(live.spotlight, nowMs),
    link: link.ticked(live.link, nowMs),
  };
}

function receive(live: Live, incoming: Incoming): Live {
  const name = live.people.get(incoming.from)?.name ?? incoming.from;
  const message: chat.Message = { ...incoming, name, isOwn: false, delivery: "sent" };
  const conversation = chat.received(live.conversation, message, live.panel === "chat");
  if (conversation === live.conversation) {
    return live;
  }
  return say({ ...live, conversation }, { key: "message", name, text: incoming.text });
}

function deliver(live: Live, id: string, ok: boolean): Live {
  return { ...live, conversation: chat.delivered(live.conversation, id, ok ? "sent" : "failed") };
}

function settle(live: Live, source: Source, problem: Problem | null): Live {
  const changing = new Set(live.changing);
  changing.delete(source);
  return { ...live, changing, problem: problem === null ? live.problem : { source, problem } };
}
