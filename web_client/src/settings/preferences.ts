import type { View } from "../call/live";

/** What this browser remembers. Never a name or a room: the computer may be shared. */
export interface Preferences {
  readonly language: Language;
  readonly textSize: TextSize;
  readonly view: View;
  readonly picture: Picture;
  /** Single-letter shortcuts can be turned off for speech input. (WCAG 2.2, 2.1.4) */
  readonly shortcuts: boolean;
  /** Device ids; empty for whatever the system prefers. */
  readonly microphoneId: string;
  readonly cameraId: string;
  readonly speakerId: string;
}

export const LANGUAGES = ["vi", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Per cent of the browser's own text size. */
export const TEXT_SIZES = [100, 125, 150, 175, 200] as const;
export type TextSize = (typeof TEXT_SIZES)[number];

/** `standard` captures 720p in three layers; `saver` 360p in two, for old computers. */
export const PICTURES = ["standard", "saver"] as const;
export type Picture = (typeof PICTURES)[number];

export const VIEWS = ["grid", "speaker"] as const satisfies readonly View[];

export const DEFAULTS: Preferences = {
  language: "vi",
  textSize: 100,
  view: "grid",
  picture: "standard",
  shortcuts: true,
  microphoneId: "",
  cameraId: "",
  speakerId: "",
};

/** Reads what was stored; every missing or foreign value falls back by itself. */
export function parse(stored: string | null): Preferences {
  const raw = fields(stored);
  return {
    language: oneOf(LANGUAGES, raw.language, DEFAULTS.language),
    textSize: oneOf(TEXT_SIZES, raw.textSize, DEFAULTS.textSize),
    view: oneOf(VIEWS, raw.view, DEFAULTS.view),
    picture: oneOf(PICTURES, raw.picture, DEFAULTS.picture),
    shortcuts: typeof raw.shortcuts === "boolean" ? raw.shortcuts : DEFAULTS.shortcuts,
    microphoneId: text(raw.microphoneId),
    cameraId: text(raw.cameraId),
    speakerId: text(raw.speakerId),
  };
}

type Raw = { readonly [Key in keyof Preferences]?: unknown };

function fields(stored: string | null): Raw {
  try {
    const value: unknown = JSON.parse(stored ?? "{}");
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

function oneOf<T>(allowed: readonly T[], value: unknown, fallback: T): T {
  return allowed.find((choice) => choice === value) ?? fallback;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
