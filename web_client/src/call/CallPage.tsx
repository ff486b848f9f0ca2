import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { SettingsDialog } from "../settings/SettingsDialog";
import { Announcer } from "./Announcer";
import { Banners } from "./Banners";
import { CallHeader } from "./CallHeader";
import type { Live } from "./live";
import { Pictures } from "./Pictures";
import type { LeaveReason } from "./reason";
import { SidePanel } from "./SidePanel";
import { type Session, SessionContext } from "./sessionContext";
import { Toolbar } from "./Toolbar";
import { useShortcuts } from "./useShortcuts";

interface Props {
  readonly session: Session;
  readonly onOver: (reason: LeaveReason) => void;
}

export function CallPage({ session, onOver }: Props) {
  const state = useSyncExternalStore(session.subscribe, session.state);
  const over = state.kind === "over" ? state.reason : null;
  useEffect(() => {
    if (over !== null) {
      onOver(over);
    }
  }, [over, onOver]);
  return state.kind === "live" ? (
    <SessionContext value={session}>
      <Room live={state} />
    </SessionContext>
  ) : null;
}

function Room({ live }: { readonly live: Live }) {
  const [settings, setSettings] = useState(false);
  const closeSettings = useCallback(() => setSettings(false), []);
  useShortcuts(live);
  return (
    <div className="call">
      <CallHeader live={live} />
      <Banners live={live} />
      <main className="call__main" id="main">
        <Pictures live={live} />
        <SidePanel live={live} />
      </main>
      <Toolbar live={live} onSettings={() => setSettings(true)} />
      {settings && <SettingsDialog onClose={closeSettings} />}
      <Announcer announcement={live.announcement} />
    </div>
  );
}
