import type { Live } from "./live";

/** What a screen reader is told; the words are in the catalogue under `said`. */
export type Said =
  | { readonly key: "joined" | "left" | "handUp" | "handDown"; readonly name: string }
  | { readonly key: "screenOn" | "screenOff"; readonly name: string }
  | { readonly key: "message"; readonly name: string; readonly text: string }
  | { readonly key: "signalLost" | "mediaLost" | "linkBack" };

/** `id` grows with each announcement, so that the same words twice are read twice. */
export interface Announcement {
  readonly id: number;
  readonly said: Said | null;
}

export function say(live: Live, said: Said): Live {
  return { ...live, announcement: { id: live.announcement.id + 1, said } };
}
