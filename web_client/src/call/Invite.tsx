import { useState } from "react";
import { useTranslation } from "react-i18next";
import { roomLink } from "../start/ticket";
import { Button } from "../ui/Button";
import { useSession } from "./sessionContext";

/** For the first one in the room: how others find it. */
export function Invite() {
  const { t } = useTranslation();
  const { roomName } = useSession();
  const [copied, setCopied] = useState(false);
  const link = roomLink(window.location.origin, roomName);
  const copy = () => {
    // Without permission to write, the link stays on the screen to be marked by hand.
    navigator.clipboard?.writeText(link).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <div className="invite" data-testid="invite">
      <p>{t("call.alone")}</p>
      <code>{link}</code>
      <Button icon="copy" onClick={copy}>
        <span aria-live="polite">{t(copied ? "call.copied" : "call.copy")}</span>
      </Button>
    </div>
  );
}
