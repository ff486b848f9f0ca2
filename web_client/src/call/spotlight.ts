/**
 * Who is shown large in the speaker view.
 *
 * The first speaker is shown at once. After that, another person must be the loudest without a break
 * for `HOLD_MS`, so that a cough or an "ừ" does not throw the picture about.
 */
export interface Spotlight {
  readonly shown: string | null;
  readonly challenger: Challenger | null;
}

interface Challenger {
  readonly identity: string;
  readonly sinceMs: number;
}

export const HOLD_MS = 1_200;
export const EMPTY: Spotlight = { shown: null, challenger: null };

/** Takes the loudest *other* person, or `null` for silence. */
export function heard(spotlight: Spotlight, nowMs: number, loudest: string | null): Spotlight {
  if (loudest === null || loudest === spotlight.shown) {
    return { shown: spotlight.shown, challenger: null };
  }
  if (spotlight.shown === null) {
    return { shown: loudest, challenger: null };
  }
  if (spotlight.challenger?.identity === loudest) {
    return settled(spotlight, nowMs);
  }
  return { shown: spotlight.shown, challenger: { identity: loudest, sinceMs: nowMs } };
}

/** Gives the picture to a challenger whose time has come. */
export function settled(spotlight: Spotlight, nowMs: number): Spotlight {
  const due = deadline(spotlight);
  if (spotlight.challenger === null || due === null || nowMs < due) {
    return spotlight;
  }
  return { shown: spotlight.challenger.identity, challenger: null };
}

/** Forgets a person who has left. */
export function without(spotlight: Spotlight, identity: string): Spotlight {
  const challenger = spotlight.challenger?.identity === identity ? null : spotlight.challenger;
  if (spotlight.shown !== identity) {
    return { shown: spotlight.shown, challenger };
  }
  return { shown: challenger?.identity ?? null, challenger: null };
}

export function deadline(spotlight: Spotlight): number | null {
  return spotlight.challenger === null ? null : spotlight.challenger.sinceMs + HOLD_MS;
}
