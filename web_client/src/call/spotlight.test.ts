import fc from "fast-check";
import { expect, test } from "vitest";
import { deadline, EMPTY, HOLD_MS, heard, settled, without } from "./spotlight";

test("the first voice is shown at once", () => {
  expect(heard(EMPTY, 0, "lan").shown).toBe("lan");
});

test("another voice takes over only after being the loudest for a while", () => {
  let spotlight = heard(heard(EMPTY, 0, "lan"), 1_000, "páo");
  expect(spotlight.shown).toBe("lan");
  expect(deadline(spotlight)).toBe(1_000 + HOLD_MS);
  spotlight = settled(spotlight, 1_000 + HOLD_MS);
  expect(spotlight).toEqual({ shown: "páo", challenger: null });
});

test("a cough changes nothing", () => {
  let spotlight = heard(heard(EMPTY, 0, "lan"), 1_000, "páo");
  spotlight = heard(spotlight, 1_300, "lan");
  expect(settled(spotlight, 9_000).shown).toBe("lan");
});

test("silence keeps the last speaker", () => {
  expect(heard(heard(EMPTY, 0, "lan"), 500, null).shown).toBe("lan");
});

test("when the one shown leaves, the challenger follows at once", () => {
  const spotlight = heard(heard(EMPTY, 0, "lan"), 100, "páo");
  expect(without(spotlight, "lan")).toEqual({ shown: "páo", challenger: null });
  expect(without(spotlight, "páo")).toEqual({ shown: "lan", challenger: null });
});

test("however people talk, the picture never changes faster than the hold", () => {
  const voices = fc.array(fc.tuple(fc.integer({ min: 0, max: 900 }), fc.constantFrom("a", "b", "c", null)));
  fc.assert(
    fc.property(voices, (story) => {
      let spotlight = EMPTY;
      let now = 0;
      let changedAt = Number.NEGATIVE_INFINITY;
      for (const [wait, voice] of story) {
        now += wait;
        const before = spotlight.shown;
        spotlight = heard(settled(spotlight, now), now, voice);
        if (spotlight.shown !== before) {
          expect(now - changedAt).toBeGreaterThanOrEqual(HOLD_MS);
          changedAt = now;
        }
      }
    }),
  );
});
