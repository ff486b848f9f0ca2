import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ChatPanel } from "../chat/ChatPanel";
import { IconButton } from "../ui/IconButton";
import type { Live } from "./live";
import { PeopleList } from "./PeopleList";
import { useSession } from "./sessionContext";

/** Chat or participants, beside the pictures; on a phone, over them. Escape closes it. */
export function SidePanel({ live }: { readonly live: Live }) {
  return live.panel === "none" ? null : <Panel key={live.panel} live={live} panel={live.panel} />;
}

function Panel({ live, panel }: { readonly live: Live; readonly panel: "chat" | "people" }) {
  const { t } = useTranslation();
  const { wish } = useSession();
  const id = useId();
  const restore = useFocusOnReturn();
  const close = () => {
    wish({ kind: "closePanel" });
    restore();
  };
  return (
    <aside
      className="panel"
      aria-labelledby={id}
      onKeyDown={(event) => event.key === "Escape" && close()}
      data-testid={`panel-${panel}`}
    >
      <header className="panel__head">
        <h2 id={id}>{t(panel === "chat" ? "chat.heading" : "call.people")}</h2>
        <IconButton icon="close" label={t("app.close")} onClick={close} data-testid="panel-close" />
      </header>
      {panel === "chat" ? (
        <ChatPanel conversation={live.conversation} />
      ) : (
        <PeopleList people={live.people} />
      )}
    </aside>
  );
}

/** Remembers where the focus was when the panel came; gives a function that brings it back there. */
function useFocusOnReturn(): () => void {
  // Read while rendering: by the time effects run, the panel has taken the focus.
  const [before] = useState(() => document.activeElement);
  return () => {
    if (before instanceof HTMLElement) {
      before.focus();
    }
  };
}
