/** How loud a microphone is, from 0 to 1, as an ear would judge it. */

const FLOOR_DB = -60;
const CEILING_DB = -6;
/** Share of the last value that stays after 50 ms of silence: the bar falls more slowly than it rises. */
const DECAY = 0.8;

/** Root mean square of samples from -1 to 1, on a decibel scale brought to 0…1. */
export function loudness(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length);
  if (power === 0) {
    return 0;
  }
  const decibels = 10 * Math.log10(power);
  return Math.min(1, Math.max(0, (decibels - FLOOR_DB) / (CEILING_DB - FLOOR_DB)));
}

export function smoothed(before: number, now: number): number {
  return Math.max(now, before * DECAY);
}
