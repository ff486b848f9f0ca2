"""Pictures and sounds that can be recognised after a codec has been at them."""

from __future__ import annotations

import asyncio
import fractions

import numpy as np
from aiortc.mediastreams import AudioStreamTrack, MediaStreamTrack, VideoStreamTrack
from av import AudioFrame, VideoFrame

WIDTH, HEIGHT = 320, 240
SAMPLE_RATE = 48_000
SAMPLES_PER_FRAME = SAMPLE_RATE // 50
STRIPES = 8


class Stripes(VideoStreamTrack):  # type: ignore[misc] # aiortc has no types
    """Eight vertical stripes, black or white: the bits of `number`."""

    def __init__(self, number: int) -> None:
        super().__init__()
        bits = [(number >> bit) & 1 for bit in range(STRIPES)]
        row = np.repeat(np.array(bits, dtype=np.uint8) * 255, WIDTH // STRIPES)
        self._picture = np.repeat(np.tile(row, (HEIGHT, 1))[:, :, np.newaxis], 3, axis=2)

    async def recv(self) -> VideoFrame:
        pts, time_base = await self.next_timestamp()
        frame = VideoFrame.from_ndarray(self._picture, format="rgb24")
        frame.pts, frame.time_base = pts, time_base
        return frame


class Tone(AudioStreamTrack):  # type: ignore[misc] # aiortc has no types
    """A sine of `hertz`, mono, 20 ms at a time."""

    def __init__(self, hertz: float) -> None:
        super().__init__()
        self._hertz = hertz
        self._sample = 0
        self._start: float | None = None

    async def recv(self) -> AudioFrame:
        clock = asyncio.get_running_loop().time
        if self._start is None:
            self._start = clock()
        await asyncio.sleep(self._start + self._sample / SAMPLE_RATE - clock())
        times = (np.arange(SAMPLES_PER_FRAME) + self._sample) / SAMPLE_RATE
        wave = (np.sin(2 * np.pi * self._hertz * times) * 12_000).astype(np.int16)
        frame = AudioFrame.from_ndarray(wave[np.newaxis, :], format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        frame.pts, frame.time_base = self._sample, fractions.Fraction(1, SAMPLE_RATE)
        self._sample += SAMPLES_PER_FRAME
        return frame


async def number_seen(track: MediaStreamTrack) -> int:
    """The number in the next picture."""
    frame = await track.recv()
    grey = frame.to_ndarray(format="gray")
    stripes = np.array_split(grey.mean(axis=0), STRIPES)
    return sum(1 << bit for bit, stripe in enumerate(stripes) if stripe.mean() > 127)


async def pitch_heard(track: MediaStreamTrack, frames: int = 10) -> float:
    """The loudest frequency, in hertz, of the next `frames` frames."""
    heard = [await track.recv() for _ in range(frames)]
    wave = np.concatenate(
        [frame.to_ndarray().reshape(-1, len(frame.layout.channels))[:, 0].astype(np.float64) for frame in heard]
    )
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
    return float(np.fft.rfftfreq(len(wave), 1 / heard[0].sample_rate)[spectrum.argmax()])
