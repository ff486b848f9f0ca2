/** Reads plain values off the SDK's objects. */
import { ConnectionQuality, LocalParticipant, type Participant, Track } from "livekit-client";
import type { Person, PictureSource, Quality } from "./model";

/** Name of the participant attribute that holds the time a hand went up; empty or missing when down. */
export const HAND_ATTRIBUTE = "hand_raised";

export function snapshot(participant: Participant): Person {
  return {
    identity: participant.identity,
    name: participant.name || participant.identity,
    isLocal: participant instanceof LocalParticipant,
    microphone: participant.isMicrophoneEnabled,
    camera: shownSid(participant, Track.Source.Camera),
    screen: shownSid(participant, Track.Source.ScreenShare),
    starved: PICTURES.filter(([, source]) => isStarved(participant, source)).map(([name]) => name),
    quality: QUALITIES[participant.connectionQuality],
    handRaisedAt: participant.attributes[HAND_ATTRIBUTE] || null,
  };
}

const PICTURES: readonly (readonly [PictureSource, Track.Source])[] = [
  ["camera", Track.Source.Camera],
  ["screen", Track.Source.ScreenShare],
];

const QUALITIES: Readonly<Record<ConnectionQuality, Quality>> = {
  [ConnectionQuality.Excellent]: "excellent",
  [ConnectionQuality.Good]: "good",
  [ConnectionQuality.Poor]: "poor",
  [ConnectionQuality.Lost]: "lost",
  [ConnectionQuality.Unknown]: "unknown",
};

/** The server pauses a stream when our link does not carry even its smallest picture. */
function isStarved(participant: Participant, source: Track.Source): boolean {
  const track = participant.getTrackPublication(source)?.track;
  return track?.streamState === Track.StreamState.Paused;
}

function shownSid(participant: Participant, source: Track.Source): string | null {
  const publication = participant.getTrackPublication(source);
  const shown = publication?.track !== undefined && !publication.isMuted;
  return shown ? publication.trackSid : null;
}
