/** What a person fills in before a call: checked once, here. */

export const MAX_NAME = 60;
export const MIN_ROOM = 3;
export const MAX_ROOM = 64;

export type NameError = "nameMissing" | "nameLong";
export type RoomError = "roomShort" | "roomLong" | "roomCharacters";

export interface Form {
  readonly name: string;
  readonly room: string;
}

export interface FormErrors {
  readonly name: NameError | null;
  readonly room: RoomError | null;
}

/** One spelling for one name: NFC (Vietnamese letters exist in two encodings), single spaces, no edges. */
export function tidy(text: string): string {
  return text.normalize("NFC").replace(/\s+/gu, " ").trim();
}

export function check(form: Form): FormErrors {
  return { name: nameError(tidy(form.name)), room: roomError(tidy(form.room)) };
}

export function isValid(errors: FormErrors): boolean {
  return errors.name === null && errors.room === null;
}

function nameError(name: string): NameError | null {
  if (name === "") {
    return "nameMissing";
  }
  return length(name) > MAX_NAME ? "nameLong" : null;
}

function roomError(room: string): RoomError | null {
  if (!/^[\p{L}\p{M}\p{N} ._-]*$/u.test(room)) {
    return "roomCharacters";
  }
  if (length(room) < MIN_ROOM) {
    return "roomShort";
  }
  return length(room) > MAX_ROOM ? "roomLong" : null;
}

function length(text: string): number {
  return [...text].length;
}

/** Letters and digits that cannot be taken for each other when read aloud or from paper. */
const ALPHABET = "abcdefghkmnprstuvxyz23456789";

/** A room name nobody will guess in passing: 8 of 28 characters, 38 bits. `random` gives 0 ≤ x < 1. */
export function suggestRoom(random: () => number): string {
  const pick = () => ALPHABET[Math.floor(random() * ALPHABET.length)] ?? "a";
  const group = () => Array.from({ length: 4 }, pick).join("");
  return `phong-${group()}-${group()}`;
}
