import { useTranslation } from "react-i18next";
import type { Announcement } from "./announcement";

/** Tells screen readers what happens. The key makes the same words twice two announcements. */
export function Announcer({ announcement }: { readonly announcement: Announcement }) {
  const { t } = useTranslation();
  const { id, said } = announcement;
  return (
    <div className="visually-hidden" role="log" aria-live="polite" data-testid="announcer">
      {said !== null && <p key={id}>{t(`call.said.${said.key}`, { ...said })}</p>}
    </div>
  );
}
