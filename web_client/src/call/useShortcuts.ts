import { useEffect } from "react";
import { usePreferences } from "../settings/store";
import type { Live } from "./live";
import { useSession } from "./sessionContext";
import { shortcut } from "./shortcuts";

/** Listens for single-letter keys while the call page is open, unless the person turned them off. */
export function useShortcuts(live: Live): void {
  const { wish } = useSession();
  const { shortcuts } = usePreferences();
  const { view } = live;
  useEffect(() => {
    if (!shortcuts) {
      return;
    }
    const onKeyDown = (event: KeyboardEvent) => {
      const { key, target } = event;
      const withModifier = event.ctrlKey || event.altKey || event.metaKey || event.repeat;
      const wanted = shortcut({ key, withModifier, writing: isWriting(target) }, view);
      if (wanted !== null) {
        event.preventDefault();
        wish(wanted);
      }
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [shortcuts, view, wish]);
}

/** Inside a dialog or a choice, letters belong to it. */
function isWriting(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, dialog") !== null;
}
