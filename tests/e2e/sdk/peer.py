"""One participant on an unmodified `livekit` wheel, told what to do by JSON lines on standard input.

It runs in a process of its own, because the wheel brings native code that cannot be loaded in two versions, and
because a server's mistake may abort it. Requests are `{"id": 1, "do": "join", ...}`, answers `{"id": 1, "result": ...}`
or `{"id": 1, "error": "..."}`, and what happens in the room is `{"event": "...", ...}`.
"""

from __future__ import annotations

import asyncio
import base64
import inspect
import json
import os
import sys
import time
from collections import deque
from typing import Any

import numpy as np
import pattern
from livekit import rtc

SAMPLE_RATE = 48_000
FRAME = SAMPLE_RATE // 100


class Peer:
    def __init__(self) -> None:
        self.room = rtc.Room()
        self.tasks: set[asyncio.Task[None]] = set()
        self.published: dict[str, Any] = {}
        self.seen: dict[str, deque[dict[str, float]]] = {}
        self.pitched: dict[str, list[tuple[float, float]]] = {}
        self.heard: dict[str, deque[np.ndarray]] = {}

    # -- what the harness asks for

    async def join(self, url: str, token: str, options: dict[str, Any]) -> dict[str, Any]:
        known = inspect.signature(rtc.RoomOptions).parameters
        unknown = set(options) - set(known)
        if unknown:
            raise ValueError(f"this SDK has no option {', '.join(sorted(unknown))}")
        self._listen()
        await self.room.connect(url, token, rtc.RoomOptions(**options))
        self._offer_rpc()
        return {"sid": self.room.local_participant.sid, "identity": self.room.local_participant.identity}

    async def publish_video(
        self,
        marker: int,
        width: int,
        height: int,
        fps: int,
        codec: str,
        *,
        simulcast: bool,
        busy: bool = False,
        max_bitrate: int = 0,
    ) -> str:
        """`busy` pictures cost as much as the encoder may spend; plain ones next to none.

        `max_bitrate` in bit/s of the largest layer; 0 for the SDK's own choice. Who already receives video in a single
        connection stays below 300 kbit/s with all layers. From there on the SDK writes `x-google-start-bitrate` into
        its offer, for which libwebrtc builds its receivers anew; a packet that comes meanwhile makes it forget where
        pictures go ("VideoReceiveStreamInterface not connected to a VideoSink"; seen with 1.2.1 in 3 % of tries).
        """
        source = rtc.VideoSource(width, height)
        track = rtc.LocalVideoTrack.create_video_track("camera", source)
        options = rtc.TrackPublishOptions(
            source=rtc.TrackSource.SOURCE_CAMERA,
            simulcast=simulcast,
            video_codec=rtc.VideoCodec.Value(codec),
        )
        if max_bitrate:
            options.video_encoding.max_bitrate = max_bitrate
            options.video_encoding.max_framerate = fps
        publication = await self.room.local_participant.publish_track(track, options)
        self.published["video"] = (publication, track)
        self._start(self._draw(source, marker, width, height, fps, busy=busy))
        return publication.sid

    async def publish_audio(self, hertz: float) -> str:
        source = rtc.AudioSource(SAMPLE_RATE, 1)
        track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        publication = await self.room.local_participant.publish_track(track, options)
        self.published["audio"] = (publication, track)
        self._start(self._sing(source, hertz))
        return publication.sid

    async def unpublish(self, kind: str) -> None:
        publication, _ = self.published.pop(kind)
        await self.room.local_participant.unpublish_track(publication.sid)

    async def mute(self, kind: str, *, muted: bool) -> None:
        _, track = self.published[kind]
        if muted:
            track.mute()
        else:
            track.unmute()

    async def watch(self, identity: str) -> list[dict[str, float]]:
        """The pictures from `identity` since the last call: marker, counter, width, height, when (monotonic)."""
        frames = list(self.seen.get(identity, ()))
        self.seen.pop(identity, None)
        return frames

    async def listen(self, identity: str) -> float:
        """The pitch of the last half second from `identity`, in Hz; 0.0 is silence."""
        blocks = self.heard.get(identity, deque())
        samples = np.concatenate(blocks) if blocks else np.zeros(0, dtype=np.int16)
        return pattern.pitch(samples[-SAMPLE_RATE // 2 :], SAMPLE_RATE)

    async def pitches(self, identity: str) -> list[tuple[float, float]]:
        """What was heard from `identity` since the last call, a tenth of a second each: when (monotonic), and Hz."""
        return self.pitched.pop(identity, [])

    async def repetitions_received(self, identity: str) -> int:
        """How many packets of the audio from `identity` came once more, within later ones (RFC 2198).

        On a link that loses nothing libwebrtc counts what it has already as discarded.
        """
        publications = self.room.remote_participants[identity].track_publications.values()
        audio = next(one.track for one in publications if int(one.kind) == int(rtc.TrackKind.KIND_AUDIO))
        stats = await audio.get_stats()
        return sum(int(one.inbound_rtp.inbound.packets_discarded) for one in stats if one.HasField("inbound_rtp"))

    async def send(self, payload: str, topic: str, to: list[str], *, reliable: bool) -> None:
        await self.room.local_participant.publish_data(
            base64.b64decode(payload), reliable=reliable, topic=topic, destination_identities=to
        )

    async def send_text(self, text: str, topic: str) -> None:
        await self.room.local_participant.send_text(text, topic=topic)

    async def call(self, identity: str, method: str, payload: str) -> str:
        return await self.room.local_participant.perform_rpc(
            destination_identity=identity, method=method, payload=payload
        )

    async def set_attributes(self, attributes: dict[str, str]) -> None:
        await self.room.local_participant.set_attributes(attributes)

    async def set_metadata(self, metadata: str) -> None:
        await self.room.local_participant.set_metadata(metadata)

    async def subscribe(self, identity: str, *, wanted: bool) -> None:
        for publication in self.room.remote_participants[identity].track_publications.values():
            publication.set_subscribed(wanted)

    async def roster(self) -> dict[str, Any]:
        return {
            identity: {
                "sid": participant.sid,
                "metadata": participant.metadata,
                "attributes": participant.attributes,
                "tracks": sorted(participant.track_publications),
            }
            for identity, participant in self.room.remote_participants.items()
        }

    async def leave(self) -> None:
        await self.room.disconnect()

    # -- what goes on meanwhile

    def _start(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _draw(self, source: Any, marker: int, width: int, height: int, fps: int, *, busy: bool) -> None:
        counter = 0
        clock = asyncio.get_running_loop().time
        due = clock()
        while True:
            picture = pattern.draw(marker, counter, width, height, busy=busy)
            source.capture_frame(rtc.VideoFrame(width, height, rtc.VideoBufferType.I420, picture))
            counter += 1
            due += 1 / fps
            await asyncio.sleep(max(0.0, due - clock()))

    async def _sing(self, source: Any, hertz: float) -> None:
        first = 0
        while True:
            block = pattern.tone(hertz, SAMPLE_RATE, first, FRAME)
            await source.capture_frame(rtc.AudioFrame(block, SAMPLE_RATE, 1, FRAME))
            first += FRAME

    async def _see(self, identity: str, track: Any) -> None:
        async for event in rtc.VideoStream(track, format=rtc.VideoBufferType.I420):
            frame = event.frame
            read = pattern.read(frame.data[: frame.width * frame.height], frame.width, frame.height)
            marker, counter = read or (-1, -1)
            picture = {
                "marker": marker,
                "counter": counter,
                "width": frame.width,
                "height": frame.height,
                "at": time.monotonic(),
            }
            self.seen.setdefault(identity, deque(maxlen=6000)).append(picture)

    async def _hear(self, identity: str, track: Any) -> None:
        blocks = 0
        async for event in rtc.AudioStream(track, sample_rate=SAMPLE_RATE, num_channels=1):
            block = np.frombuffer(bytes(event.frame.data), dtype=np.int16)
            heard = self.heard.setdefault(identity, deque(maxlen=60))
            heard.append(block)
            blocks += 1
            if blocks % 10 == 0:
                latest = np.concatenate(list(heard)[-10:])
                self.pitched.setdefault(identity, []).append((time.monotonic(), pattern.pitch(latest, SAMPLE_RATE)))

    def _listen(self) -> None:
        room = self.room
        who = "participant_connected participant_disconnected"
        for name in who.split():
            room.on(name, lambda participant, name=name: say(name, identity=participant.identity))
        for name in ["connected", "reconnecting", "reconnected"]:
            room.on(name, lambda *_, name=name: say(name))
        room.on("disconnected", lambda *reason: say("disconnected", reason=int(reason[0]) if reason else -1))
        for name in ["track_published", "track_unpublished"]:
            room.on(name, lambda pub, by, name=name: say(name, identity=by.identity, sid=pub.sid, kind=int(pub.kind)))
        for name in ["track_muted", "track_unmuted"]:
            room.on(name, lambda by, pub, name=name: say(name, identity=by.identity, sid=pub.sid))
        room.on("track_subscribed", self._on_track)
        room.on("track_unsubscribed", lambda _, pub, by: say("track_unsubscribed", identity=by.identity, sid=pub.sid))
        room.on("active_speakers_changed", lambda who: say("speakers", identities=[p.identity for p in who]))
        room.on("participant_metadata_changed", lambda by, *_: say("metadata", identity=by.identity, value=by.metadata))
        room.on(
            "participant_attributes_changed",
            lambda changed, by: say("attributes", identity=by.identity, changed=dict(changed)),
        )
        room.on("data_received", self._on_data)
        room.register_text_stream_handler("story", self._on_text)

    def _on_track(self, track: Any, publication: Any, by: Any) -> None:
        watch = self._see if int(track.kind) == int(rtc.TrackKind.KIND_VIDEO) else self._hear
        self._start(watch(by.identity, track))
        say("track_subscribed", identity=by.identity, sid=publication.sid, kind=int(track.kind))

    def _on_data(self, packet: Any) -> None:
        say(
            "data",
            identity=packet.participant.identity if packet.participant else None,
            payload=base64.b64encode(bytes(packet.data)).decode(),
            reliable=int(packet.kind) == int(rtc.DataPacketKind.KIND_RELIABLE),
            topic=packet.topic,
        )

    def _on_text(self, reader: Any, identity: str) -> None:
        async def read() -> None:
            say("text", identity=identity, text=await reader.read_all())

        self._start(read())

    def _offer_rpc(self) -> None:
        async def echo(call: Any) -> str:
            # The server calls under a number, which is not the same twice.
            caller = "" if call.caller_identity.startswith("RPC_") else call.caller_identity
            return f"{caller}:{call.payload}"

        self.room.local_participant.register_rpc_method("echo", echo)


def say(event: str, **facts: Any) -> None:
    write({"event": event, **facts})


def write(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


async def answer(peer: Peer, request: dict[str, Any]) -> None:
    number, verb = request.pop("id"), request.pop("do")
    try:
        write({"id": number, "result": await getattr(peer, verb)(**request)})
    except Exception as error:  # noqa: BLE001 - whatever the SDK raises is the harness's to judge
        write({"id": number, "error": f"{type(error).__name__}: {error}"})


async def main() -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    peer = Peer()
    while line := await reader.readline():
        peer._start(answer(peer, json.loads(line)))


if __name__ == "__main__":
    asyncio.run(main())
    os._exit(0)  # The SDK's native threads outlive the loop; nothing is left to save.
