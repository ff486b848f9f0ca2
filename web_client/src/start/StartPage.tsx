import { useEffect, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { PageHeader } from "../app/PageHeader";
import type { CallSession } from "../call/session";
import { Notice } from "../ui/Notice";
import { DeviceChoices, DevicePreview } from "./DevicePreview";
import { enter } from "./enter";
import { type Failure, failureOf } from "./failure";
import { InvitedForm } from "./InvitedForm";
import { NameForm } from "./NameForm";
import { Preview } from "./preview";
import { type Invitation, roomLink, type Ticket } from "./ticket";

interface Props {
  readonly invitation: Invitation;
  readonly onEnter: (session: CallSession, ticket: Ticket) => void;
}

type Entry =
  | { readonly kind: "idle" }
  | { readonly kind: "joining" }
  | { readonly kind: "failed"; readonly failure: Failure };

export function StartPage({ invitation, onEnter }: Props) {
  const { t } = useTranslation();
  const [preview] = useState(() => new Preview());
  const feeds = useSyncExternalStore(preview.subscribe, preview.feeds);
  const [entry, setEntry] = useState<Entry>(
    invitation.kind === "broken" ? { kind: "failed", failure: "badInvitation" } : { kind: "idle" },
  );
  useEffect(() => {
    void preview.openBoth();
    return () => preview.dispose();
  }, [preview]);

  const join = (ticket: Ticket) => {
    setEntry({ kind: "joining" });
    enter(ticket, () => preview.take()).then(
      (session) => {
        rememberRoom(ticket);
        onEnter(session, ticket);
      },
      (error) => setEntry({ kind: "failed", failure: failureOf(error) }),
    );
  };
  const joining = entry.kind === "joining";
  return (
    <div className="page">
      <PageHeader />
      <main className="start" id="main">
        <DevicePreview preview={preview} feeds={feeds} />
        <section className="card door" aria-labelledby="join-heading">
          <h2 id="join-heading">{t("start.heading")}</h2>
          {entry.kind === "failed" && (
            <Notice tone="danger" testId="join-failure">
              {t(`start.failures.${entry.failure}`)}
            </Notice>
          )}
          {invitation.kind === "ticket" ? (
            <InvitedForm ticket={invitation.ticket} joining={joining} onJoin={join} />
          ) : (
            <NameForm
              room={invitation.kind === "room" ? invitation.room : null}
              joining={joining}
              onJoin={join}
            />
          )}
          {feeds.camera.kind !== "on" && feeds.microphone.kind !== "on" && (
            <p className="field__hint">{t("start.quiet")}</p>
          )}
          <p className="start__emergency">{t("start.emergency")}</p>
        </section>
        <DeviceChoices preview={preview} feeds={feeds} />
      </main>
    </div>
  );
}

/** After a reload, the most usual cure, the room is still in the address. */
function rememberRoom(ticket: Ticket): void {
  if (ticket.kind === "named") {
    window.history.replaceState(null, "", roomLink("", ticket.room));
  }
}
