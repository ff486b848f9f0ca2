import { type Failure, JoinError } from "./failure";
import type { Ticket } from "./ticket";

/** Turns a ticket into an access token; throws `JoinError`. */
export async function accessToken(ticket: Ticket): Promise<string> {
  if (ticket.kind === "invited") {
    return ticket.token;
  }
  const { name, room } = ticket;
  const response = await ask(JSON.stringify({ room, name }));
  if (!response.ok) {
    throw new JoinError(refusal(response.status));
  }
  const answer: unknown = await response.json().catch(() => null);
  if (
    typeof answer === "object" &&
    answer !== null &&
    "token" in answer &&
    typeof answer.token === "string"
  ) {
    return answer.token;
  }
  throw new JoinError("unknown");
}

async function ask(body: string): Promise<Response> {
  try {
    return await fetch("/api/dev/token", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
    });
  } catch {
    throw new JoinError("unreachable");
  }
}

/** Only a development server hands out tokens to whoever asks on its own machine; any other refuses. */
const REFUSALS: ReadonlyMap<number, Failure> = new Map([
  [403, "noTickets"],
  [404, "noTickets"],
  [405, "noTickets"],
  [429, "tooMany"],
]);

function refusal(status: number): Failure {
  return REFUSALS.get(status) ?? (status >= 500 ? "unreachable" : "badRequest");
}
