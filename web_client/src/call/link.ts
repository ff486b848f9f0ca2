/** The link to the server, as a person needs to know it. */
export type Link =
  | { readonly kind: "up" }
  /** The WebSocket is gone; sound and picture still flow. */
  | { readonly kind: "signalLost" }
  /** Sound and picture are gone too; the server keeps the seat until `keptUntilMs`. */
  | { readonly kind: "mediaLost"; readonly keptUntilMs: number; readonly secondsLeft: number };

/** How long the server keeps a seat after it last heard from its owner. */
export const SEAT_KEPT_MS = 30_000;

export const UP: Link = { kind: "up" };
export const SIGNAL_LOST: Link = { kind: "signalLost" };

/** Sound and picture are lost at `nowMs`; a second loss does not lengthen the first. */
export function mediaLost(link: Link, nowMs: number): Link {
  return link.kind === "mediaLost" ? link : counted(nowMs + SEAT_KEPT_MS, nowMs);
}

/** Brings the seconds up to date; they stop at 0. */
export function ticked(link: Link, nowMs: number): Link {
  return link.kind === "mediaLost" ? counted(link.keptUntilMs, nowMs) : link;
}

/** When the number of seconds changes next. */
export function deadline(link: Link): number | null {
  if (link.kind !== "mediaLost" || link.secondsLeft === 0) {
    return null;
  }
  return link.keptUntilMs - (link.secondsLeft - 1) * 1000;
}

function counted(keptUntilMs: number, nowMs: number): Link {
  const secondsLeft = Math.max(0, Math.ceil((keptUntilMs - nowMs) / 1000));
  return { kind: "mediaLost", keptUntilMs, secondsLeft };
}
