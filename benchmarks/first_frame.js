// In a page with livekit-client: people who join one after the other, each until the first picture is decoded.

/** Milliseconds from the call to connect to the first picture of the room's camera. */
async function firstFrame(url, token) {
  const { Room, RoomEvent, Track } = LivekitClient;
  const room = new Room();
  const element = Object.assign(document.createElement("video"), { muted: true, width: 640, height: 360 });
  document.body.append(element);
  const shown = new Promise((resolve) => {
    room.on(RoomEvent.TrackSubscribed, (track) => {
      if (track.kind === Track.Kind.Video) {
        element.requestVideoFrameCallback((now) => resolve(now));
        track.attach(element);
      }
    });
  });
  const begun = performance.now();
  await room.connect(url, token);
  const at = await shown;
  await room.disconnect();
  element.remove();
  return at - begun;
}

/** One join after `everySeconds` each, whether or not the one before it has ended; null for who could not join. */
async function firstFrames(url, tokens, everySeconds) {
  const joins = tokens.map(async (token, place) => {
    await new Promise((resolve) => setTimeout(resolve, 1000 * everySeconds * place));
    return firstFrame(url, token).catch(() => null);
  });
  return Promise.all(joins);
}
