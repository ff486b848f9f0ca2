import { expect, test } from "vitest";
import { cleaned, MAX_MESSAGES, MAX_TEXT, type Message, received, SILENCE } from "./messages";

function message(id: string): Message {
  return { id, from: "lan", name: "Lan", text: id, sentAtMs: 0, isOwn: false, delivery: "sent" };
}

test("the conversation is bounded: the oldest goes first", () => {
  let conversation = SILENCE;
  for (let number = 0; number <= MAX_MESSAGES; number += 1) {
    conversation = received(conversation, message(String(number)), true);
  }
  expect(conversation.messages).toHaveLength(MAX_MESSAGES);
  expect(conversation.messages[0]?.id).toBe("1");
});

test("a draft loses its edges and whatever is over the limit", () => {
  expect(cleaned("  a\nb  ")).toBe("a\nb");
  expect(cleaned("x".repeat(MAX_TEXT + 5))).toHaveLength(MAX_TEXT);
});
