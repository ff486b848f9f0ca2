import { DisconnectReason } from "livekit-client";

/** Why a call is over, in the words of the leave page. */
export type LeaveReason =
  | "left"
  | "replaced"
  | "serverStopped"
  | "removed"
  | "roomClosed"
  | "seatLost"
  | "joinFailed"
  | "timedOut"
  | "mediaFailed"
  | "unavailable"
  | "rejected"
  | "unknown";

const REASONS: Readonly<Record<DisconnectReason, LeaveReason>> = {
  [DisconnectReason.UNKNOWN_REASON]: "unknown",
  [DisconnectReason.CLIENT_INITIATED]: "left",
  [DisconnectReason.DUPLICATE_IDENTITY]: "replaced",
  [DisconnectReason.SERVER_SHUTDOWN]: "serverStopped",
  [DisconnectReason.PARTICIPANT_REMOVED]: "removed",
  [DisconnectReason.ROOM_DELETED]: "roomClosed",
  [DisconnectReason.STATE_MISMATCH]: "seatLost",
  [DisconnectReason.JOIN_FAILURE]: "joinFailed",
  [DisconnectReason.MIGRATION]: "seatLost",
  [DisconnectReason.SIGNAL_CLOSE]: "timedOut",
  [DisconnectReason.ROOM_CLOSED]: "roomClosed",
  [DisconnectReason.USER_UNAVAILABLE]: "unavailable",
  [DisconnectReason.USER_REJECTED]: "rejected",
  [DisconnectReason.SIP_TRUNK_FAILURE]: "mediaFailed",
  [DisconnectReason.CONNECTION_TIMEOUT]: "timedOut",
  [DisconnectReason.MEDIA_FAILURE]: "mediaFailed",
  [DisconnectReason.AGENT_ERROR]: "unknown",
};

/** The SDK gives no reason when it gave up reconnecting by itself. */
export function leaveReason(reason: DisconnectReason | undefined): LeaveReason {
  return reason === undefined ? "timedOut" : (REASONS[reason] ?? "unknown");
}
