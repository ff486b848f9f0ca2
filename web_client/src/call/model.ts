/** What is known of the people in a call, as plain values: no track, no element, no SDK object. */

export type Quality = "excellent" | "good" | "poor" | "lost" | "unknown";

/** One participant, as the others may see them. `identity` is unique in the room. */
export interface Person {
  readonly identity: string;
  readonly name: string;
  readonly isLocal: boolean;
  /** Whether the microphone is open. */
  readonly microphone: boolean;
  /** Track sid of a camera that can be shown now; `null` when off, muted or not yet received. */
  readonly camera: string | null;
  /** Track sid of a shared screen that can be shown now. */
  readonly screen: string | null;
  /** Those pictures that are held back because our own link does not carry them. */
  readonly starved: readonly PictureSource[];
  readonly quality: Quality;
  /** ISO 8601 time at which the hand went up, by the owner's clock; `null` when it is down. */
  readonly handRaisedAt: string | null;
}

export type People = ReadonlyMap<string, Person>;

export type PictureSource = "camera" | "screen";

/** What a person can send. */
export type Source = "microphone" | PictureSource;

export function self(people: People): Person | undefined {
  return [...people.values()].find((person) => person.isLocal);
}

/** Those whose hand is up, first raised first; equal times go by identity, so all screens agree. */
export function raisedHands(people: People): readonly Person[] {
  return [...people.values()].filter((person) => person.handRaisedAt !== null).sort(byHand);
}

function byHand(a: Person, b: Person): number {
  const times = (a.handRaisedAt ?? "").localeCompare(b.handRaisedAt ?? "");
  return times === 0 ? a.identity.localeCompare(b.identity) : times;
}

/** Whether `person` sends from `source` at this moment. */
export function sends(person: Person, source: Source): boolean {
  return source === "microphone" ? person.microphone : person[source] !== null;
}
