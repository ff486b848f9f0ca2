import fc from "fast-check";
import { expect, test } from "vitest";
import { loudness, smoothed } from "./level";

const tone = (amplitude: number) =>
  Float32Array.from({ length: 1024 }, (_, i) => amplitude * Math.sin(i / 5));

test("silence is 0, full scale is 1, speech lies between", () => {
  expect(loudness(new Float32Array(1024))).toBe(0);
  expect(loudness(tone(1))).toBe(1);
  expect(loudness(tone(0.05))).toBeGreaterThan(0.3);
  expect(loudness(tone(0.05))).toBeLessThan(0.7);
});

test("louder is never shown lower, and nothing leaves the scale", () => {
  const amplitude = fc.double({ min: 0, max: 4, noNaN: true });
  fc.assert(
    fc.property(amplitude, amplitude, (a, b) => {
      const [quiet, loud] = [loudness(tone(Math.min(a, b))), loudness(tone(Math.max(a, b)))];
      expect(quiet).toBeLessThanOrEqual(loud);
      expect(quiet).toBeGreaterThanOrEqual(0);
      expect(loud).toBeLessThanOrEqual(1);
    }),
  );
});

test("the bar jumps up and sinks slowly", () => {
  expect(smoothed(0.1, 0.9)).toBe(0.9);
  expect(smoothed(0.9, 0)).toBeCloseTo(0.72);
});
