import type { Effect, Event, Wish } from "./events";
import { begin, type Live } from "./live";
import type { Person } from "./model";
import { handle, type State, type Step } from "./state";

/** A person as they arrive: silent, without a picture, hand down. */
export function person(identity: string, change: Partial<Person> = {}): Person {
  return {
    identity,
    name: identity,
    isLocal: identity === "me",
    microphone: false,
    camera: null,
    screen: null,
    starved: [],
    quality: "good",
    handRaisedAt: null,
    ...change,
  };
}

/** A call with oneself and `others`, told as a story: events at times, then questions about the state. */
export class Story {
  nowMs = Date.parse("2026-11-23T08:00:00Z");
  state: State = begin("grid");
  effects: readonly Effect[] = [];

  constructor(...others: readonly string[]) {
    this.happens({ kind: "joined", people: ["me", ...others].map((identity) => person(identity)) });
  }

  happens(event: Event): this {
    const [state, effects]: Step = handle(this.state, this.nowMs, event);
    this.state = state;
    this.effects = effects;
    return this;
  }

  wishes(wish: Wish): this {
    return this.happens({ kind: "wish", wish });
  }

  after(ms: number): this {
    this.nowMs += ms;
    return this;
  }

  get live(): Live {
    if (this.state.kind !== "live") {
      throw new Error("the call is over");
    }
    return this.state;
  }

  get said() {
    return this.live.announcement.said;
  }
}
