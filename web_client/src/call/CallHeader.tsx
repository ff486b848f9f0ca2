import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Live } from "./live";
import { raisedHands } from "./model";
import { useSession } from "./sessionContext";

export function CallHeader({ live }: { readonly live: Live }) {
  const { t } = useTranslation();
  const { roomName } = useSession();
  const heading = useRef<HTMLHeadingElement>(null);
  // The page is new: keyboard and screen reader begin at its top.
  useEffect(() => {
    heading.current?.focus();
  }, []);
  const hands = raisedHands(live.people);
  return (
    <header className="call__header">
      <h1 ref={heading} tabIndex={-1}>
        {t("call.heading", { room: roomName })}
      </h1>
      <p className="call__count">{t("call.peopleCount", { number: live.people.size })}</p>
      {hands.length > 0 && (
        <ol className="call__hands" aria-label={t("call.hands")} data-testid="hands">
          {hands.map((person) => (
            <li key={person.identity}>{person.name}</li>
          ))}
        </ol>
      )}
    </header>
  );
}
