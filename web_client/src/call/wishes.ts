/** What a person before the screen wants, turned into a new state and work for the shell. */
import * as chat from "../chat/messages";
import type { Effect, Panel, Wish } from "./events";
import type { Live } from "./live";
import { type Source, self, sends } from "./model";

export type LiveStep = readonly [Live, readonly Effect[]];

export function fulfil(live: Live, nowMs: number, wish: Wish): LiveStep {
  switch (wish.kind) {
    case "toggleSource":
      return toggleSource(live, wish.source);
    case "toggleHand":
      return [live, [{ kind: "setHand", raisedAt: handAfter(live, nowMs) }]];
    case "send":
      return send(live, nowMs, wish.id, wish.draft);
    case "retry":
      return retry(live, wish.id);
    case "chooseView":
      return [{ ...live, view: wish.view, pinned: null }, [{ kind: "rememberView", view: wish.view }]];
    case "togglePin":
      return [{ ...live, pinned: live.pinned === wish.tile ? null : wish.tile }, []];
    case "togglePanel":
      return [showPanel(live, live.panel === wish.panel ? "none" : wish.panel), []];
    case "closePanel":
      return [showPanel(live, "none"), []];
    case "dismissProblem":
      return [{ ...live, problem: null }, []];
    case "allowSound":
      return [live, [{ kind: "startSound" }]];
    case "leave":
      return [live, [{ kind: "leave" }]];
  }
}

/** A second press while the device is still opening or closing is dropped. */
function toggleSource(live: Live, source: Source): LiveStep {
  const me = self(live.people);
  if (me === undefined || live.changing.has(source)) {
    return [live, []];
  }
  const changing = new Set(live.changing).add(source);
  return [{ ...live, changing, problem: null }, [{ kind: "setSource", source, on: !sends(me, source) }]];
}

function handAfter(live: Live, nowMs: number): string | null {
  return self(live.people)?.handRaisedAt == null ? new Date(nowMs).toISOString() : null;
}

function send(live: Live, nowMs: number, id: string, draft: string): LiveStep {
  const me = self(live.people);
  const text = chat.cleaned(draft);
  if (me === undefined || text === "") {
    return [live, []];
  }
  const message: chat.Message = {
    id,
    from: me.identity,
    name: me.name,
    text,
    sentAtMs: nowMs,
    isOwn: true,
    delivery: "sending",
  };
  const conversation = chat.received(live.conversation, message, true);
  return [{ ...live, conversation }, [{ kind: "sendText", id, text }]];
}

function retry(live: Live, id: string): LiveStep {
  const message = live.conversation.messages.find((known) => known.id === id);
  if (message?.delivery !== "failed") {
    return [live, []];
  }
  const conversation = chat.delivered(live.conversation, id, "sending");
  return [{ ...live, conversation }, [{ kind: "sendText", id, text: message.text }]];
}

function showPanel(live: Live, panel: Panel): Live {
  const conversation = panel === "chat" ? chat.read(live.conversation) : live.conversation;
  return { ...live, panel, conversation };
}
