// One participant on an unmodified livekit-client. `verbs` are what the harness may ask for; what happens in the room
// goes to `tell`, a binding that the harness adds. Names and shapes are those of ../sdk/peer.py.

const { Room, RoomEvent, Track } = LivekitClient;

const ROOM_EVENTS = {
  [RoomEvent.ParticipantConnected]: ["participant_connected", (by) => ({ identity: by.identity })],
  [RoomEvent.ParticipantDisconnected]: ["participant_disconnected", (by) => ({ identity: by.identity })],
  [RoomEvent.SignalReconnecting]: ["signal_reconnecting", () => ({})],
  [RoomEvent.Reconnecting]: ["reconnecting", () => ({})],
  [RoomEvent.Reconnected]: ["reconnected", () => ({})],
  [RoomEvent.Disconnected]: ["disconnected", (reason) => ({ reason: reason ?? -1 })],
  [RoomEvent.TrackPublished]: ["track_published", remotely],
  [RoomEvent.TrackUnpublished]: ["track_unpublished", remotely],
  [RoomEvent.TrackMuted]: ["track_muted", remotely],
  [RoomEvent.TrackUnmuted]: ["track_unmuted", remotely],
  [RoomEvent.TrackSubscriptionFailed]: ["track_subscription_failed", (sid, by) => ({ identity: by.identity, sid })],
  [RoomEvent.TrackSubscriptionPermissionChanged]: [
    "subscription_permission",
    (publication, status, by) => ({ identity: by.identity, sid: publication.trackSid, status }),
  ],
  [RoomEvent.LocalTrackPublished]: ["local_track_published", remotely],
  [RoomEvent.LocalTrackUnpublished]: ["local_track_unpublished", remotely],
  [RoomEvent.LocalTrackSubscribed]: ["local_track_subscribed", remotely],
  [RoomEvent.ParticipantMetadataChanged]: [
    "metadata",
    (_before, by) => ({ identity: by.identity, value: by.metadata }),
  ],
  [RoomEvent.ParticipantNameChanged]: ["name", (value, by) => ({ identity: by.identity, value })],
  [RoomEvent.ParticipantAttributesChanged]: ["attributes", (changed, by) => ({ identity: by.identity, changed })],
  [RoomEvent.ParticipantPermissionsChanged]: [
    "permissions",
    (_before, by) => ({ identity: by.identity, can_publish: by.permissions.canPublish }),
  ],
  [RoomEvent.RoomMetadataChanged]: ["room_metadata", (value) => ({ value })],
  [RoomEvent.ActiveSpeakersChanged]: ["speakers", (who) => ({ identities: who.map((one) => one.identity).sort() })],
};

/** A description in which neither the codec nor its retransmissions are named. */
function withoutCodec(codec, sdp) {
  const types = [...sdp.matchAll(new RegExp(`a=rtpmap:(\\d+) ${codec}/`, "g"))].map((line) => line[1]);
  const repairs = types.flatMap((type) => [...sdp.matchAll(new RegExp(`a=fmtp:(\\d+) apt=${type}\\b`, "g"))]);
  const gone = new Set([...types, ...repairs.map((line) => line[1])]);
  const lines = sdp.split("\r\n").filter((line) => !gone.has(line.match(/^a=(?:rtpmap|fmtp|rtcp-fb):(\d+) /)?.[1]));
  const media = (line) => line.split(" ").filter((word, index) => index < 3 || !gone.has(word)).join(" ");
  return lines.map((line) => (line.startsWith("m=video") ? media(line) : line)).join("\r\n");
}

class Peer {
  constructor() {
    this.published = {};
    this.seen = new Map();
    this.watched = new Map();
    this.analysers = new Map();
    this.audio = new AudioContext();
  }

  async join({ url, token, options = {}, connect = {} }) {
    this.room = new Room(options);
    this.watchRoom();
    this.room.registerTextStreamHandler("story", async (reader, { identity }) =>
      say("text", { identity, text: await reader.readAll() }),
    );
    this.room.registerByteStreamHandler("story", async (reader, { identity }) => {
      const bytes = await new Blob(await reader.readAll()).arrayBuffer();
      say("file", { identity, name: reader.info.name, digest: await digest(bytes) });
    });
    this.room.registerRpcMethod("echo", async (call) => `${person(call.callerIdentity)}:${call.payload}`);
    await this.room.connect(url, token, connect);
    await this.audio.resume();
    return { sid: this.room.localParticipant.sid, identity: this.room.localParticipant.identity };
  }

  async publish_video({ marker, width, height, fps, codec, simulcast, ...options }) {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d", { alpha: false });
    let counter = 0;
    const paint = () => {
      draw(context, marker, counter);
      counter += 1;
    };
    paint();
    setInterval(paint, 1000 / fps);
    const [track] = canvas.captureStream(fps).getVideoTracks();
    const publication = await this.room.localParticipant.publishTrack(track, {
      source: Track.Source.Camera,
      videoCodec: codec.toLowerCase(),
      simulcast,
      videoEncoding: { maxBitrate: 1_500_000, maxFramerate: fps },
      ...options,
    });
    this.published.video = publication;
    return publication.trackSid;
  }

  /** From now on this page is a browser that knows no such video codec: it does not see it in descriptions. */
  async forget_codec({ codec }) {
    const set = RTCPeerConnection.prototype.setRemoteDescription;
    RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
      return set.call(this, { type, sdp: withoutCodec(codec, sdp) });
    };
  }

  async publish_audio({ hertz }) {
    const destination = this.audio.createMediaStreamDestination();
    const gain = new GainNode(this.audio, { gain: 0.25 });
    const tone = new OscillatorNode(this.audio, { frequency: hertz });
    tone.connect(gain).connect(destination);
    tone.start();
    const publication = await this.room.localParticipant.publishTrack(destination.stream.getAudioTracks()[0], {
      source: Track.Source.Microphone,
    });
    this.published.audio = publication;
    return publication.trackSid;
  }

  async unpublish({ kind }) {
    await this.room.localParticipant.unpublishTrack(this.published[kind].track);
  }

  async mute({ kind, muted }) {
    await (muted ? this.published[kind].mute() : this.published[kind].unmute());
  }

  /** The pictures seen from `identity` since the last call. */
  async watch({ identity }) {
    const pictures = this.seen.get(identity) ?? [];
    this.seen.set(identity, []);
    return pictures;
  }

  async listen({ identity }) {
    const analyser = this.analysers.get(identity);
    return analyser ? pitch(analyser) : 0;
  }

  async send({ payload, topic, to, reliable }) {
    const bytes = Uint8Array.from(atob(payload), (letter) => letter.charCodeAt(0));
    await this.room.localParticipant.publishData(bytes, { reliable, topic, destinationIdentities: to });
  }

  async send_text({ text, topic }) {
    await this.room.localParticipant.sendText(text, { topic });
  }

  /** A file of `size` bytes that are all different from their neighbours. Returns its digest. */
  async send_file({ name, size, topic }) {
    const bytes = Uint8Array.from({ length: size }, (_, index) => (index * 31) % 251);
    await this.room.localParticipant.sendFile(new File([bytes], name), { topic });
    return digest(bytes);
  }

  async call({ identity, method, payload }) {
    return this.room.localParticipant.performRpc({ destinationIdentity: identity, method, payload });
  }

  async set_attributes({ attributes }) {
    await this.room.localParticipant.setAttributes(attributes);
  }

  async set_metadata({ metadata }) {
    await this.room.localParticipant.setMetadata(metadata);
  }

  async set_name({ name }) {
    await this.room.localParticipant.setName(name);
  }

  async subscribe({ identity, wanted }) {
    for (const publication of this.room.remoteParticipants.get(identity).trackPublications.values()) {
      publication.setSubscribed(wanted);
    }
  }

  async permit({ everybody, identities }) {
    const lines = identities.map((participantIdentity) => ({ participantIdentity, allowAll: true }));
    this.room.localParticipant.setTrackSubscriptionPermissions(everybody, lines);
  }

  async simulate({ scenario, argument }) {
    await this.room.simulateScenario(scenario, argument);
  }

  /** Show the video of `identity` at this size in CSS pixels; 0 hides it. */
  async show({ identity, width, height }) {
    const [publication] = this.room.remoteParticipants.get(identity).videoTrackPublications.values();
    const element = publication.videoTrack.attachedElements[0] ?? publication.videoTrack.attach();
    element.style.cssText = `width: ${width}px; height: ${height}px; display: ${width ? "block" : "none"}`;
    document.body.append(element);
  }

  async roster() {
    const people = [...this.room.remoteParticipants.values()];
    return Object.fromEntries(
      people.map((one) => [
        one.identity,
        { sid: one.sid, metadata: one.metadata, attributes: one.attributes, tracks: [...one.trackPublications.keys()] },
      ]),
    );
  }

  async qualities() {
    const people = [this.room.localParticipant, ...this.room.remoteParticipants.values()];
    return Object.fromEntries(people.map((one) => [one.identity, one.connectionQuality]));
  }

  /** The codec on the wire, and how many layers are encoded. */
  async sending() {
    const report = [...(await this.published.video.track.sender.getStats()).values()];
    const streams = report.filter((stats) => stats.type === "outbound-rtp");
    const codec = report.find((stats) => stats.id === streams[0]?.codecId);
    return { codec: codec?.mimeType ?? "", layers: streams.length };
  }

  /** Widths of the layers that are switched on, by rising quality. */
  async widths_on() {
    const { sender, mediaStreamTrack } = this.published.video.track;
    const on = sender.getParameters().encodings.filter((encoding) => encoding.active);
    const { width } = mediaStreamTrack.getSettings();
    return on.map((encoding) => width / (encoding.scaleResolutionDownBy ?? 1)).sort((a, b) => a - b);
  }

  /** Of the pair in use towards the server: "udp" or "tcp". */
  async protocol() {
    const { publisher, subscriber } = this.room.engine.pcManager;
    const report = [...(await (subscriber ?? publisher).getStats()).values()];
    const transport = report.find((stats) => stats.type === "transport");
    const pair = report.find((stats) => stats.id === transport?.selectedCandidatePairId);
    return report.find((stats) => stats.id === pair?.remoteCandidateId)?.protocol ?? "";
  }

  /** The claims of the token that a reconnection would use. */
  async token() {
    const [, claims] = this.room.engine.token.split(".");
    const bytes = Uint8Array.from(atob(claims.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  }

  async leave() {
    await this.room.disconnect();
  }

  watchRoom() {
    for (const [event, [name, facts]] of Object.entries(ROOM_EVENTS)) {
      this.room.on(event, (...values) => say(name, facts(...values)));
    }
    this.room.on(RoomEvent.TrackSubscribed, (track, publication, by) => {
      if (track.kind === Track.Kind.Video) {
        this.see(by.identity, track.mediaStreamTrack);
      } else {
        this.hear(by.identity, track);
      }
      say("track_subscribed", remotely(publication, by));
    });
    this.room.on(RoomEvent.TrackUnsubscribed, (track, publication, by) => {
      if (track.kind === Track.Kind.Video) {
        this.lookAway(by.identity);
      }
      say("track_unsubscribed", remotely(publication, by));
    });
    this.room.on(RoomEvent.DataReceived, (bytes, by, kind, topic) =>
      say("data", {
        identity: by?.identity ?? null,
        payload: btoa(String.fromCharCode(...bytes)),
        reliable: kind === LivekitClient.DataPacket_Kind.RELIABLE,
        topic,
      }),
    );
  }

  async see(identity, track) {
    this.lookAway(identity);
    const watched = track.clone();
    this.watched.set(identity, watched);
    const frames = new MediaStreamTrackProcessor({ track: watched }).readable;
    let luma = new Uint8Array();
    for await (const frame of frames) {
      const { width, height } = frame.visibleRect;
      luma = luma.length < frame.allocationSize() ? new Uint8Array(frame.allocationSize()) : luma;
      const [plane] = await frame.copyTo(luma);
      const picture = { ...read(luma.subarray(plane.offset), plane.stride, width, height), width, height };
      frame.close();
      if (this.watched.get(identity) === watched) {
        this.seen.set(identity, [...(this.seen.get(identity) ?? []), picture].slice(-600));
      }
    }
  }

  /** A track of `identity` is over; its pictures are of no interest any more. */
  lookAway(identity) {
    this.watched.get(identity)?.stop();
    this.watched.delete(identity);
    this.seen.delete(identity);
  }

  hear(identity, track) {
    document.body.append(track.attach());
    const analyser = new AnalyserNode(this.audio, { fftSize: 16_384, smoothingTimeConstant: 0 });
    this.audio.createMediaStreamSource(new MediaStream([track.mediaStreamTrack])).connect(analyser);
    this.analysers.set(identity, analyser);
  }
}

/** The server calls under a number, which is not the same twice. */
function person(identity) {
  return identity.startsWith("RPC_") ? "" : identity;
}

function remotely(publication, by) {
  return { identity: by.identity, sid: publication.trackSid, kind: publication.kind };
}

async function digest(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function say(event, facts) {
  tell(JSON.stringify({ event, ...facts }));
}

globalThis.peer = new Peer();
