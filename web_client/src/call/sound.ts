import { type RemoteTrack, type Room, RoomEvent, Track } from "livekit-client";

/** Plays whatever is heard in `room`, one hidden element per track; returns its undo. */
export function playSound(room: Room): () => void {
  const start = (track: RemoteTrack) => {
    if (track.kind === Track.Kind.Audio) {
      const element = track.attach();
      element.hidden = true;
      document.body.append(element);
    }
  };
  const stop = (track: RemoteTrack) => {
    if (track.kind === Track.Kind.Audio) {
      for (const element of track.detach()) {
        element.remove();
      }
    }
  };
  room.on(RoomEvent.TrackSubscribed, start).on(RoomEvent.TrackUnsubscribed, stop);
  return () => {
    room.off(RoomEvent.TrackSubscribed, start).off(RoomEvent.TrackUnsubscribed, stop);
  };
}
