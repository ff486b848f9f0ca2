import { expect, test } from "vitest";
import { diagnose, obstacle } from "./problem";

const CHROME = "Mozilla/5.0 (Windows NT 6.1; Win64; x64) AppleWebKit/537.36 Chrome/109.0.0.0 Safari/537.36";
const ZALO =
  "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/110.0 Mobile Safari/537.36 Zalo android/23.01";

const desk = { userAgent: CHROME, isSecureContext: true, hasMediaDevices: true };

test.each([
  ["NotAllowedError", "denied"],
  ["NotFoundError", "notFound"],
  ["OverconstrainedError", "notFound"],
  ["NotReadableError", "inUse"],
  ["AbortError", "inUse"],
  ["SomethingNewError", "other"],
])("%s means %s", (name, problem) => {
  expect(diagnose(new DOMException("", name), desk)).toBe(problem);
});

test("inside Zalo every failure has one cure", () => {
  const inside = { ...desk, userAgent: ZALO };
  expect(diagnose(new DOMException("", "NotAllowedError"), inside)).toBe("inApp");
  expect(obstacle({ ...inside, hasMediaDevices: false })).toBe("inApp");
  expect(obstacle(inside)).toBeNull();
});

test("an insecure address is told apart from an old browser", () => {
  expect(obstacle({ ...desk, hasMediaDevices: false, isSecureContext: false })).toBe("insecure");
  expect(obstacle({ ...desk, hasMediaDevices: false })).toBe("unsupported");
});
