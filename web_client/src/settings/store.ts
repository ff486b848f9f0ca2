/** The shell around `preferences.ts`: the browser's storage, and who wants to know of changes. */
import { useSyncExternalStore } from "react";
import { type Preferences, parse } from "./preferences";

const KEY = "hoichan.preferences";

type Listener = () => void;

const listeners = new Set<Listener>();
let current = parse(stored());

export function preferences(): Preferences {
  return current;
}

export function prefer(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  store(JSON.stringify(current));
  for (const listener of listeners) {
    listener();
  }
}

/** Calls `listener` after each change; returns its undo. */
export function onPreference(listener: Listener): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(onPreference, preferences);
}

/** A browser that forbids storage (private mode, policy) forgets: that is no reason to stop. */
function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function store(value: string): void {
  try {
    localStorage.setItem(KEY, value);
  } catch {
    // Remembered until the page closes.
  }
}
