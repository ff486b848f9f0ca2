import { ConnectionError, ConnectionErrorReason } from "livekit-client";

/** Why one is not in the room yet; the words are in the catalogue under `start.failures`. */
export type Failure =
  | "unreachable"
  | "noTickets"
  | "badRequest"
  | "tooMany"
  | "notAllowed"
  | "refused"
  | "tooSlow"
  | "noMedia"
  | "badInvitation"
  | "unknown";

/** A failure on the way into a room that is known by its cause. */
export class JoinError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure);
    this.name = "JoinError";
    this.failure = failure;
  }
}

const BY_REASON: Readonly<Record<ConnectionErrorReason, Failure>> = {
  [ConnectionErrorReason.NotAllowed]: "notAllowed",
  [ConnectionErrorReason.ServerUnreachable]: "unreachable",
  [ConnectionErrorReason.InternalError]: "noMedia",
  [ConnectionErrorReason.Cancelled]: "unknown",
  [ConnectionErrorReason.LeaveRequest]: "refused",
  [ConnectionErrorReason.Timeout]: "tooSlow",
  [ConnectionErrorReason.WebSocket]: "unreachable",
  [ConnectionErrorReason.ServiceNotFound]: "unreachable",
};

export function failureOf(error: unknown): Failure {
  if (error instanceof JoinError) {
    return error.failure;
  }
  if (error instanceof ConnectionError) {
    const reason: ConnectionErrorReason = error.reason;
    return BY_REASON[reason];
  }
  return "unknown";
}
