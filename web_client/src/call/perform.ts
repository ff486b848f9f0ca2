/** Carries out effects on the SDK's room, and reports how they ended. */
import { type LocalTrack, type Room, Track } from "livekit-client";
import { sendText } from "../chat/stream";
import { diagnose, type Problem, surroundings } from "../devices/problem";
import { prefer, preferences } from "../settings/store";
import type { Effect, Event } from "./events";
import type { Source } from "./model";
import { device, videoCapture } from "./options";
import { HAND_ATTRIBUTE } from "./snapshot";

export async function perform(room: Room, effect: Effect, report: (event: Event) => void): Promise<void> {
  switch (effect.kind) {
    case "setSource":
      return report(await setSource(room, effect.source, effect.on));
    case "setHand":
      // Refused or lost: the hand on the screen stays as the server last said.
      return room.localParticipant.setAttributes({ [HAND_ATTRIBUTE]: effect.raisedAt ?? "" }).catch(() => {});
    case "sendText": {
      const ok = await succeeds(sendText(room, effect.text));
      return report({ kind: "messageSettled", id: effect.id, ok });
    }
    case "startSound":
      // Still blocked: the button that asked for it stays.
      return room.startAudio().catch(() => {});
    case "rememberView":
      return prefer({ view: effect.view });
    case "leave":
      return room.disconnect();
  }
}

async function setSource(room: Room, source: Source, on: boolean): Promise<Event> {
  try {
    await SET[source](room, on);
    return { kind: "sourceSettled", source, problem: null };
  } catch (error) {
    return { kind: "sourceSettled", source, problem: problemOf(source, error) };
  }
}

const SET: Readonly<Record<Source, (room: Room, on: boolean) => Promise<unknown>>> = {
  microphone: (room, on) =>
    room.localParticipant.setMicrophoneEnabled(on, device(preferences().microphoneId)),
  camera: (room, on) => room.localParticipant.setCameraEnabled(on, videoCapture(preferences())),
  screen: (room, on) =>
    room.localParticipant.setScreenShareEnabled(on, { audio: true, contentHint: "detail" }),
};

/** Sends a track that is open already. What cannot be sent is closed again. */
export async function publish(room: Room, track: LocalTrack): Promise<Event> {
  const source = track.kind === Track.Kind.Audio ? "microphone" : "camera";
  try {
    await room.localParticipant.publishTrack(track);
    return { kind: "sourceSettled", source, problem: null };
  } catch (error) {
    track.stop();
    return { kind: "sourceSettled", source, problem: problemOf(source, error) };
  }
}

/** Closing the picker of screens is a choice, not a failure. */
function problemOf(source: Source, error: unknown): Problem | null {
  const problem = diagnose(error, surroundings());
  return source === "screen" && problem === "denied" ? null : problem;
}

async function succeeds(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch {
    return false;
  }
}
