import type { Wish } from "./events";
import type { View } from "./live";

/** One letter per control, so that hands may stay on the keyboard. */
export const SHORTCUTS = {
  microphone: "m",
  camera: "v",
  screen: "s",
  hand: "h",
  chat: "c",
  people: "p",
  view: "g",
} as const;

export type Shortcut = keyof typeof SHORTCUTS;

export interface KeyPress {
  readonly key: string;
  readonly withModifier: boolean;
  /** Whether the key writes text where the focus is. */
  readonly writing: boolean;
}

/** What a key press asks for; `null` for nothing. */
export function shortcut(press: KeyPress, view: View): Wish | null {
  if (press.withModifier || press.writing) {
    return null;
  }
  const pressed = press.key.toLowerCase();
  const names = Object.keys(SHORTCUTS) as Shortcut[];
  const name = names.find((candidate) => SHORTCUTS[candidate] === pressed);
  return name === undefined ? null : wishOf(name, view);
}

function wishOf(name: Shortcut, view: View): Wish {
  switch (name) {
    case "microphone":
    case "camera":
    case "screen":
      return { kind: "toggleSource", source: name };
    case "hand":
      return { kind: "toggleHand" };
    case "chat":
    case "people":
      return { kind: "togglePanel", panel: name };
    case "view":
      return { kind: "chooseView", view: view === "grid" ? "speaker" : "grid" };
  }
}
