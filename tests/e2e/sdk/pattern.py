"""A drawn picture and a tone that prove themselves: who sent them, and which one of a series it is.

The picture has sixteen vertical bars, white for one and black for zero, most significant first: four bits of marker
and twelve of a counter. Bars this wide survive any layer and bit rate. Runs under every version of the SDK, so it
needs NumPy only.
"""

from __future__ import annotations

import numpy as np

BITS = 16
COUNTER_BITS = 12
WHITE, BLACK, GREY = 235, 16, 128


def draw(marker: int, counter: int, width: int, height: int, *, busy: bool = False) -> bytes:
    """An I420 picture. `marker` is 0 to 15; `counter` is taken modulo 4096; `busy`: snow above and below the bars."""
    word = (marker << COUNTER_BITS) | (counter % (1 << COUNTER_BITS))
    bits = np.array([(word >> (BITS - 1 - i)) & 1 for i in range(BITS)], dtype=np.uint8)
    columns = bits[np.arange(width) * BITS // width]
    row = np.where(columns == 1, WHITE, BLACK).astype(np.uint8)
    luma = np.tile(row, (height, 1))
    if busy:
        grain = max(height // 36, 1)  # Coarse, or no encoder would keep within its bit rate.
        flakes = np.random.default_rng(counter).integers(96, 160, (height // 5 // grain, width // grain), np.uint8)
        snow = np.kron(flakes, np.ones((grain, grain), np.uint8))
        rows, columns = snow.shape
        luma[:rows, :columns] = luma[-rows:, :columns] = snow
    chroma = np.full(2 * ((width + 1) // 2) * ((height + 1) // 2), GREY, dtype=np.uint8)
    return luma.tobytes() + chroma.tobytes()


def read(luma: bytes | memoryview, width: int, height: int) -> tuple[int, int] | None:
    """(marker, counter) of a picture's luma plane, or None where a bar is neither black nor white."""
    plane = np.frombuffer(luma, dtype=np.uint8, count=width * height).reshape(height, width)
    band = plane[height // 4 : 3 * height // 4]
    word = 0
    for bit in range(BITS):
        centre = (2 * bit + 1) * width // (2 * BITS)
        brightness = float(band[:, centre - 1 : centre + 2].mean())
        if 90 < brightness < 165:
            return None
        word = (word << 1) | int(brightness > 128)
    return word >> COUNTER_BITS, word & ((1 << COUNTER_BITS) - 1)


def tone(hertz: float, sample_rate: int, first: int, count: int) -> bytes:
    """`count` signed 16-bit samples of a sine at a quarter of full scale, starting at sample `first`."""
    t = np.arange(first, first + count) / sample_rate
    return (8192 * np.sin(2 * np.pi * hertz * t)).astype(np.int16).tobytes()


def pitch(samples: np.ndarray, sample_rate: int) -> float:
    """The loudest frequency in Hz, or 0.0 where there is silence (below about -60 dBFS)."""
    if samples.size == 0 or float(np.abs(samples).max()) < 32:
        return 0.0
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    return float(np.argmax(spectrum) * sample_rate / samples.size)
