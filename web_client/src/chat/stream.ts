/** Chat on the wire: LiveKit text streams on the topic its own components use. */
import type { Room, TextStreamReader } from "livekit-client";
import type { Incoming } from "../call/events";

const TOPIC = "lk.chat";
/** Longest text taken from another person, in UTF-16 units; the rest is not read. */
const MAX_RECEIVED = 10_000;

export function onText(room: Room, report: (message: Incoming) => void): void {
  room.registerTextStreamHandler(TOPIC, async (reader, { identity }) => {
    const text = await readText(reader).catch(() => "");
    if (text !== "") {
      report({ id: reader.info.id, from: identity, text, sentAtMs: reader.info.timestamp });
    }
  });
}

export async function sendText(room: Room, text: string): Promise<void> {
  await room.localParticipant.sendText(text, { topic: TOPIC });
}

async function readText(reader: TextStreamReader): Promise<string> {
  let text = "";
  for await (const part of reader) {
    text += part;
    if (text.length >= MAX_RECEIVED) {
      break;
    }
  }
  return text.slice(0, MAX_RECEIVED);
}
