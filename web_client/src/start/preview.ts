/** The shell around one's own camera and microphone before a call. */
import { createLocalTracks, type LocalTrack } from "livekit-client";
import { device, videoCapture } from "../call/options";
import { diagnose, obstacle, type Problem, surroundings } from "../devices/problem";
import { preferences } from "../settings/store";

export type PreviewSource = "camera" | "microphone";

export type Feed =
  | { readonly kind: "off" }
  | { readonly kind: "opening" }
  | { readonly kind: "on"; readonly track: LocalTrack }
  | { readonly kind: "failed"; readonly problem: Problem };

export type Feeds = Readonly<Record<PreviewSource, Feed>>;

const OFF = { kind: "off" } as const;
const BOTH: readonly PreviewSource[] = ["camera", "microphone"];

export class Preview {
  #feeds: Feeds = { camera: OFF, microphone: OFF };
  /** Grows with each order for a source, so that a device that opens too late is closed again. */
  readonly #orders = { camera: 0, microphone: 0 };
  readonly #listeners = new Set<() => void>();

  readonly feeds = (): Feeds => this.#feeds;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  /** Opens both with one question to the person; if that fails, each alone, to learn which is at fault. */
  async openBoth(): Promise<void> {
    const orders = { camera: this.#order("camera"), microphone: this.#order("microphone") };
    try {
      const tracks = await capture(BOTH);
      for (const source of BOTH) {
        this.#settle(
          source,
          orders[source],
          tracks.find((track) => sourceOf(track) === source),
        );
      }
    } catch {
      const wanted = BOTH.filter((source) => orders[source] === this.#orders[source]);
      await Promise.all(wanted.map((source) => this.open(source)));
    }
  }

  /** Opens one source with the preferred device, closing what it showed before. */
  async open(source: PreviewSource): Promise<void> {
    const order = this.#order(source);
    try {
      const [track] = await capture([source]);
      this.#settle(source, order, track);
    } catch (error) {
      if (order === this.#orders[source]) {
        this.#set(source, { kind: "failed", problem: diagnose(error, surroundings()) });
      }
    }
  }

  close(source: PreviewSource): void {
    this.#stop(source);
    this.#orders[source] += 1;
    this.#set(source, OFF);
  }

  /** Hands over the open tracks, which then belong to the caller. */
  take(): readonly LocalTrack[] {
    const { camera, microphone } = this.#feeds;
    this.#feeds = { camera: OFF, microphone: OFF };
    return [camera, microphone].flatMap((feed) => (feed.kind === "on" ? [feed.track] : []));
  }

  dispose(): void {
    BOTH.forEach((source) => {
      this.close(source);
    });
  }

  #order(source: PreviewSource): number {
    this.#stop(source);
    this.#orders[source] += 1;
    this.#set(source, { kind: "opening" });
    return this.#orders[source];
  }

  #settle(source: PreviewSource, order: number, track: LocalTrack | undefined): void {
    if (order !== this.#orders[source]) {
      track?.stop();
    } else if (track === undefined) {
      this.#set(source, { kind: "failed", problem: "notFound" });
    } else {
      this.#set(source, { kind: "on", track });
    }
  }

  #stop(source: PreviewSource): void {
    const feed = this.#feeds[source];
    if (feed.kind === "on") {
      feed.track.stop();
    }
  }

  #set(source: PreviewSource, feed: Feed): void {
    this.#feeds = { ...this.#feeds, [source]: feed };
    for (const listener of this.#listeners) {
      listener();
    }
  }
}

async function capture(sources: readonly PreviewSource[]): Promise<readonly LocalTrack[]> {
  const early = obstacle(surroundings());
  if (early !== null) {
    throw new Error(early);
  }
  const wanted = preferences();
  return createLocalTracks({
    video: sources.includes("camera") ? videoCapture(wanted) : false,
    audio: sources.includes("microphone") ? device(wanted.microphoneId) : false,
  });
}

function sourceOf(track: LocalTrack): PreviewSource {
  return track.kind === "video" ? "camera" : "microphone";
}
