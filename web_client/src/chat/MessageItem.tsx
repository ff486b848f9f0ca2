import { useTranslation } from "react-i18next";
import { useSession } from "../call/sessionContext";
import { Button } from "../ui/Button";
import type { Message } from "./messages";

export function MessageItem({ message }: { readonly message: Message }) {
  const { t, i18n } = useTranslation();
  const time = new Date(message.sentAtMs);
  const clock = time.toLocaleTimeString(i18n.language, { hour: "2-digit", minute: "2-digit" });
  return (
    <li className={message.isOwn ? "message message--own" : "message"} data-testid="chat-message">
      <p className="message__head">
        <strong>{message.isOwn ? t("chat.you") : message.name}</strong>{" "}
        <time dateTime={time.toISOString()}>{clock}</time>
      </p>
      <p className="message__text">{message.text}</p>
      <Delivery message={message} />
    </li>
  );
}

function Delivery({ message }: { readonly message: Message }) {
  const { t } = useTranslation();
  const { wish } = useSession();
  switch (message.delivery) {
    case "sent":
      return null;
    case "sending":
      return <p className="message__state">{t("chat.sending")}</p>;
    case "failed":
      return (
        <p className="message__state message__state--failed">
          {t("chat.failed")}{" "}
          <Button look="quiet" onClick={() => wish({ kind: "retry", id: message.id })}>
            {t("chat.retry")}
          </Button>
        </p>
      );
  }
}
