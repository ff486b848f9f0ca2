import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { PageHeader } from "../app/PageHeader";
import type { LeaveReason } from "../call/reason";
import type { CallSession } from "../call/session";
import { enter } from "../start/enter";
import { type Failure, failureOf } from "../start/failure";
import type { Ticket } from "../start/ticket";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";

interface Props {
  readonly reason: LeaveReason;
  readonly ticket: Ticket;
  readonly onEnter: (session: CallSession) => void;
  readonly onHome: () => void;
}

type Entry =
  | { readonly kind: "idle" }
  | { readonly kind: "joining" }
  | { readonly kind: "failed"; readonly failure: Failure };

/** Why the call is over, and the way back in. One returns with camera and microphone off. */
export function LeavePage({ reason, ticket, onEnter, onHome }: Props) {
  const { t } = useTranslation();
  const [entry, setEntry] = useState<Entry>({ kind: "idle" });
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
  }, []);

  const rejoin = () => {
    setEntry({ kind: "joining" });
    enter(ticket, () => []).then(onEnter, (error) => setEntry({ kind: "failed", failure: failureOf(error) }));
  };
  return (
    <div className="page">
      <PageHeader />
      <main className="left" id="main">
        <section className="card left__card" data-testid={`left-${reason}`}>
          <h2 ref={heading} tabIndex={-1}>
            {t(`left.reasons.${reason}.title`)}
          </h2>
          <p>{t(`left.reasons.${reason}.detail`)}</p>
          {entry.kind === "failed" && <Notice tone="danger">{t(`start.failures.${entry.failure}`)}</Notice>}
          <div className="left__buttons">
            <Button look="primary" onClick={rejoin} disabled={entry.kind === "joining"} data-testid="rejoin">
              {t(entry.kind === "joining" ? "start.joining" : "left.rejoin")}
            </Button>
            <Button onClick={onHome} data-testid="home">
              {t("left.home")}
            </Button>
          </div>
        </section>
      </main>
    </div>
  );
}
