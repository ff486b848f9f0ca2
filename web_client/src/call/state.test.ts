import { expect, test } from "vitest";
import { deadline } from "./state";
import { person, Story } from "./story";

test("who was there before me is not announced, who comes later is", () => {
  const story = new Story("lan");
  expect(story.said).toBeNull();
  story.happens({ kind: "personChanged", person: person("páo", { name: "BS Páo" }) });
  expect(story.said).toEqual({ key: "joined", name: "BS Páo" });
  expect([...story.live.people.keys()]).toEqual(["me", "lan", "páo"]);
});

test("a raised hand is announced once, and hands are ordered by the time they went up", () => {
  const story = new Story("lan", "páo");
  story.happens({ kind: "personChanged", person: person("páo", { handRaisedAt: "2026-11-23T08:00:01Z" }) });
  expect(story.said).toEqual({ key: "handUp", name: "páo" });
  const { id } = story.live.announcement;
  story.happens({
    kind: "personChanged",
    person: person("páo", { handRaisedAt: "2026-11-23T08:00:01Z", microphone: true }),
  });
  expect(story.live.announcement.id).toBe(id);
});

test("my hand goes up with the time it went up, and down when I press again", () => {
  const story = new Story().wishes({ kind: "toggleHand" });
  expect(story.effects).toEqual([{ kind: "setHand", raisedAt: "2026-11-23T08:00:00.000Z" }]);
  story
    .happens({ kind: "personChanged", person: person("me", { handRaisedAt: "2026-11-23T08:00:00.000Z" }) })
    .wishes({ kind: "toggleHand" });
  expect(story.effects).toEqual([{ kind: "setHand", raisedAt: null }]);
});

test("a second press while the camera is still opening does nothing", () => {
  const story = new Story().wishes({ kind: "toggleSource", source: "camera" });
  expect(story.effects).toEqual([{ kind: "setSource", source: "camera", on: true }]);
  expect(story.wishes({ kind: "toggleSource", source: "camera" }).effects).toEqual([]);
  story
    .happens({ kind: "personChanged", person: person("me", { camera: "TR_1" }) })
    .happens({ kind: "sourceSettled", source: "camera", problem: null });
  expect(story.wishes({ kind: "toggleSource", source: "camera" }).effects).toEqual([
    { kind: "setSource", source: "camera", on: false },
  ]);
});

test("a camera that cannot be opened is explained until it is dismissed or tried again", () => {
  const story = new Story()
    .wishes({ kind: "toggleSource", source: "camera" })
    .happens({ kind: "sourceSettled", source: "camera", problem: "inUse" });
  expect(story.live.problem).toEqual({ source: "camera", problem: "inUse" });
  expect(story.live.changing.size).toBe(0);
  expect(story.wishes({ kind: "dismissProblem" }).live.problem).toBeNull();
});

test("while the link is lost the seat's seconds count down, then stop at none", () => {
  const story = new Story("lan").happens({ kind: "mediaLost" });
  expect(story.live.link).toMatchObject({ kind: "mediaLost", secondsLeft: 30 });
  let timeouts = 0;
  for (let due = deadline(story.state); due !== null; due = deadline(story.state)) {
    story.nowMs = due;
    story.happens({ kind: "timeout" });
    timeouts += 1;
  }
  expect(timeouts).toBe(30);
  expect(story.live.link).toMatchObject({ secondsLeft: 0 });
  expect(story.happens({ kind: "linkBack" }).live.link).toEqual({ kind: "up" });
  expect(story.said).toEqual({ key: "linkBack" });
});

test("a lost socket alone is told apart from lost sound and picture", () => {
  const story = new Story("lan").happens({ kind: "signalLost" });
  expect(story.live.link).toEqual({ kind: "signalLost" });
  expect(deadline(story.state)).toBeNull();
});

test("unread messages are counted while the chat is closed, and read when it opens", () => {
  const hello = { from: "lan", text: "Mạch 110", sentAtMs: 1 };
  const story = new Story("lan")
    .happens({ kind: "messageReceived", message: { id: "1", ...hello } })
    .happens({ kind: "messageReceived", message: { id: "1", ...hello } })
    .happens({ kind: "messageReceived", message: { id: "2", ...hello } });
  expect(story.live.conversation.unread).toBe(2);
  expect(story.said).toEqual({ key: "message", name: "lan", text: "Mạch 110" });
  story.wishes({ kind: "togglePanel", panel: "chat" });
  expect(story.live.conversation.unread).toBe(0);
  story.happens({ kind: "messageReceived", message: { id: "3", ...hello } });
  expect(story.live.conversation.unread).toBe(0);
});

test("a message that could not be sent says so, and can be sent again", () => {
  const story = new Story().wishes({ kind: "send", id: "own-1", draft: "  SpO2 92%  " });
  expect(story.effects).toEqual([{ kind: "sendText", id: "own-1", text: "SpO2 92%" }]);
  story.happens({ kind: "messageSettled", id: "own-1", ok: false });
  expect(story.live.conversation.messages[0]?.delivery).toBe("failed");
  story.wishes({ kind: "retry", id: "own-1" });
  expect(story.effects).toEqual([{ kind: "sendText", id: "own-1", text: "SpO2 92%" }]);
  story.happens({ kind: "messageSettled", id: "own-1", ok: true });
  expect(story.wishes({ kind: "retry", id: "own-1" }).effects).toEqual([]);
});

test("an empty message is not sent", () => {
  expect(new Story().wishes({ kind: "send", id: "own-1", draft: " \n " }).effects).toEqual([]);
});

test("who leaves takes the pin, the spotlight and the voice along", () => {
  const story = new Story("lan", "páo")
    .happens({ kind: "speakersChanged", identities: ["lan"] })
    .wishes({ kind: "togglePin", tile: "lan" });
  expect(story.live.pinned).toBe("lan");
  expect(story.live.spotlight.shown).toBe("lan");
  story.happens({ kind: "personLeft", identity: "lan" });
  expect(story.live.pinned).toBeNull();
  expect(story.live.spotlight.shown).toBeNull();
  expect(story.live.speaking).toEqual([]);
  expect(story.said).toEqual({ key: "left", name: "lan" });
});

test("a pin on a screen ends with the sharing", () => {
  const story = new Story("lan")
    .happens({ kind: "personChanged", person: person("lan", { screen: "TR_S" }) })
    .wishes({ kind: "togglePin", tile: "lan#screen" })
    .happens({ kind: "personChanged", person: person("lan") });
  expect(story.live.pinned).toBeNull();
  expect(story.said).toEqual({ key: "screenOff", name: "lan" });
});

test("after the end nothing happens any more", () => {
  const story = new Story("lan").happens({ kind: "ended", reason: "replaced" });
  expect(story.state).toEqual({ kind: "over", reason: "replaced" });
  expect(deadline(story.state)).toBeNull();
  story.wishes({ kind: "toggleHand" });
  expect(story.effects).toEqual([]);
});
