import fc from "fast-check";
import { expect, test } from "vitest";
import { DEFAULTS, type Preferences, parse } from "./preferences";

test("a new browser speaks Vietnamese", () => {
  expect(parse(null)).toEqual(DEFAULTS);
  expect(DEFAULTS.language).toBe("vi");
});

test("what was stored comes back", () => {
  const chosen: Preferences = {
    language: "en",
    textSize: 175,
    view: "speaker",
    picture: "saver",
    shortcuts: false,
    microphoneId: "m1",
    cameraId: "c1",
    speakerId: "s1",
  };
  expect(parse(JSON.stringify(chosen))).toEqual(chosen);
});

test("one foreign value does not take the others along", () => {
  expect(parse('{"language":"fr","textSize":150,"cameraId":7}')).toEqual({ ...DEFAULTS, textSize: 150 });
});

test("whatever lies in the storage, the page starts", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (stored) => {
      expect(Object.keys(parse(stored))).toEqual(Object.keys(DEFAULTS));
    }),
  );
});
