/** Turns the SDK's events into the call's. No decisions beyond reading. */
import { ConnectionState, type Participant, type Room, RoomEvent } from "livekit-client";
import type { Event } from "./events";
import { leaveReason } from "./reason";
import { snapshot } from "./snapshot";

type Report = (event: Event) => void;

/** Reports everything that happens in a joined `room`, beginning with who is there. */
export function observe(room: Room, report: Report): void {
  observePeople(room, report);
  observeTracks(room, report);
  observeLink(room, report);
  report({ kind: "joined", people: everybody(room) });
  report({ kind: "soundBlocked", blocked: !room.canPlaybackAudio });
}

function everybody(room: Room) {
  return [room.localParticipant, ...room.remoteParticipants.values()].map(snapshot);
}

function observePeople(room: Room, report: Report): void {
  const changed = (participant: Participant) => {
    report({ kind: "personChanged", person: snapshot(participant) });
  };
  room
    .on(RoomEvent.ParticipantConnected, changed)
    .on(RoomEvent.ParticipantNameChanged, (_name, participant) => changed(participant))
    .on(RoomEvent.ParticipantAttributesChanged, (_changes, participant) => changed(participant))
    .on(RoomEvent.ConnectionQualityChanged, (_quality, participant) => changed(participant))
    .on(RoomEvent.ActiveSpeakersChanged, (speakers) => {
      report({ kind: "speakersChanged", identities: speakers.map((speaker) => speaker.identity) });
    })
    .on(RoomEvent.ParticipantDisconnected, ({ identity }) => {
      // Before a full restart the SDK drops everybody, and only then says that it reconnects.
      queueMicrotask(() => {
        if (room.state === ConnectionState.Connected) {
          report({ kind: "personLeft", identity });
        }
      });
    });
}

function observeTracks(room: Room, report: Report): void {
  const changed = (participant: Participant) => {
    report({ kind: "personChanged", person: snapshot(participant) });
  };
  room
    .on(RoomEvent.TrackSubscribed, (_track, _publication, participant) => changed(participant))
    .on(RoomEvent.TrackUnsubscribed, (_track, _publication, participant) => {
      if (room.remoteParticipants.has(participant.identity)) {
        changed(participant);
      }
    })
    .on(RoomEvent.TrackMuted, (_publication, participant) => changed(participant))
    .on(RoomEvent.TrackUnmuted, (_publication, participant) => changed(participant))
    .on(RoomEvent.TrackStreamStateChanged, (_publication, _state, participant) => changed(participant))
    .on(RoomEvent.LocalTrackPublished, (_publication, participant) => changed(participant))
    .on(RoomEvent.LocalTrackUnpublished, (_publication, participant) => changed(participant));
}

function observeLink(room: Room, report: Report): void {
  room
    .on(RoomEvent.SignalReconnecting, () => report({ kind: "signalLost" }))
    .on(RoomEvent.Reconnecting, () => report({ kind: "mediaLost" }))
    .on(RoomEvent.Reconnected, () => {
      report({ kind: "joined", people: everybody(room) });
      report({ kind: "linkBack" });
    })
    .on(RoomEvent.AudioPlaybackStatusChanged, () => {
      report({ kind: "soundBlocked", blocked: !room.canPlaybackAudio });
    })
    .on(RoomEvent.Disconnected, (reason) => report({ kind: "ended", reason: leaveReason(reason) }));
}
