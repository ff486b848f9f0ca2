/** The shell of a call: owns the SDK's room, the clock and the timer; decides nothing. */
import { type LocalTrack, Room, Track } from "livekit-client";
import { onText } from "../chat/stream";
import type { Preferences } from "../settings/preferences";
import type { Event, Wish } from "./events";
import { begin } from "./live";
import type { Source } from "./model";
import { observe } from "./observe";
import { roomOptions } from "./options";
import { perform, publish } from "./perform";
import { playSound } from "./sound";
import { deadline, handle, type State } from "./state";

export class CallSession {
  readonly #room: Room;
  readonly #listeners = new Set<() => void>();
  readonly #stopSound: () => void;
  #state: State;
  #timer: number | undefined;

  constructor(preferences: Preferences) {
    this.#room = new Room(roomOptions(preferences));
    this.#state = begin(preferences.view);
    this.#stopSound = playSound(this.#room);
    onText(this.#room, (message) => this.#dispatch({ kind: "messageReceived", message }));
  }

  /** Joins, and resolves when media flows; throws what the SDK throws. */
  async connect(url: string, token: string): Promise<void> {
    try {
      await this.#room.connect(url, token);
    } catch (error) {
      this.#stopSound();
      throw error;
    }
    observe(this.#room, (event) => this.#dispatch(event));
  }

  /** Sends tracks that are open already, so that no device is opened twice. */
  publish(tracks: readonly LocalTrack[]): void {
    for (const track of tracks) {
      void publish(this.#room, track).then((report) => this.#dispatch(report));
    }
  }

  get roomName(): string {
    return this.#room.name;
  }

  readonly state = (): State => this.#state;

  /** Calls `listener` after each change; returns its undo. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  readonly wish = (wish: Wish): void => this.#dispatch({ kind: "wish", wish });

  /** The track a picture is drawn from, if it is there. */
  track(identity: string, source: Exclude<Source, "microphone">): Track | undefined {
    const kind = source === "camera" ? Track.Source.Camera : Track.Source.ScreenShare;
    return this.#room.getParticipantByIdentity(identity)?.getTrackPublication(kind)?.track;
  }

  /** Moves a running call to another device; resolves to whether that worked. */
  async switchDevice(kind: MediaDeviceKind, deviceId: string): Promise<boolean> {
    return this.#room.switchActiveDevice(kind, deviceId === "" ? "default" : deviceId).catch(() => false);
  }

  #dispatch(event: Event): void {
    const [state, effects] = handle(this.#state, Date.now(), event);
    this.#state = state;
    for (const effect of effects) {
      void perform(this.#room, effect, (report) => this.#dispatch(report));
    }
    if (state.kind === "over") {
      this.#stopSound();
    }
    this.#schedule();
    for (const listener of this.#listeners) {
      listener();
    }
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const due = deadline(this.#state);
    if (due !== null) {
      const wait = Math.max(0, due - Date.now());
      this.#timer = window.setTimeout(() => this.#dispatch({ kind: "timeout" }), wait);
    }
  }
}
