import type { Effect, Event, Wish } from "./events";
import type { Session } from "./sessionContext";
import { Story } from "./story";

/** A call for tests of the views: the real state, no network, and a list of what the shell was asked. */
export class StagedSession implements Session {
  readonly roomName = "phong-thu";
  readonly story: Story;
  readonly asked: Effect[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(...others: readonly string[]) {
    this.story = new Story(...others);
  }

  readonly state = () => this.story.state;

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  readonly wish = (wish: Wish) => this.happens({ kind: "wish", wish });

  happens(event: Event): void {
    this.story.happens(event);
    this.asked.push(...this.story.effects);
    for (const listener of this.#listeners) {
      listener();
    }
  }

  track(): undefined {
    return undefined;
  }

  async switchDevice(): Promise<boolean> {
    return true;
  }
}
