import { DisconnectReason } from "livekit-client";
import { expect, test } from "vitest";
import { vi } from "../left/strings";
import { leaveReason } from "./reason";

test("every reason the server may give has a page", () => {
  const reasons = Object.values(DisconnectReason).filter((value) => typeof value === "number");
  expect(reasons.length).toBeGreaterThan(15);
  for (const reason of reasons) {
    expect(vi.reasons[leaveReason(reason)].title).not.toBe("");
  }
});

test("the ones a clinic will meet are told apart", () => {
  expect(leaveReason(DisconnectReason.CLIENT_INITIATED)).toBe("left");
  expect(leaveReason(DisconnectReason.DUPLICATE_IDENTITY)).toBe("replaced");
  expect(leaveReason(DisconnectReason.PARTICIPANT_REMOVED)).toBe("removed");
  expect(leaveReason(undefined)).toBe("timedOut");
});

test("a reason from a newer server is still an end", () => {
  expect(leaveReason(999 as DisconnectReason)).toBe("unknown");
});
