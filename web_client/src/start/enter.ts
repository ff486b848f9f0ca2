import type { LocalTrack } from "livekit-client";
import { CallSession } from "../call/session";
import { preferences } from "../settings/store";
import type { Ticket } from "./ticket";
import { accessToken } from "./token";

/**
 * Takes a person through the door: token, connection, and the devices that are open already.
 *
 * `take` hands over their tracks once the connection stands. Throws what `failureOf` can read.
 */
export async function enter(ticket: Ticket, take: () => readonly LocalTrack[]): Promise<CallSession> {
  const token = await accessToken(ticket);
  const session = new CallSession(preferences());
  await session.connect(socketUrl(window.location), token);
  session.publish(take());
  return session;
}

/** The server that gave us this page is the one we talk to. */
function socketUrl({ protocol, host }: Location): string {
  return `${protocol === "https:" ? "wss" : "ws"}://${host}`;
}
