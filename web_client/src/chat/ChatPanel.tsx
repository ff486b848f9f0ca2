import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../call/sessionContext";
import { Button } from "../ui/Button";
import { MessageItem } from "./MessageItem";
import { type Conversation, cleaned, MAX_TEXT } from "./messages";

export function ChatPanel({ conversation }: { readonly conversation: Conversation }) {
  const { t } = useTranslation();
  const { messages } = conversation;
  const end = useRef<HTMLDivElement>(null);
  const newest = messages.at(-1)?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new message is brought into view
  useEffect(() => {
    end.current?.scrollIntoView({ block: "end" });
  }, [newest]);
  return (
    <div className="chat">
      <div className="chat__messages">
        {messages.length === 0 && <p className="field__hint">{t("chat.empty")}</p>}
        <ol>
          {messages.map((message) => (
            <MessageItem key={message.id} message={message} />
          ))}
        </ol>
        <div ref={end} />
      </div>
      <Writer />
    </div>
  );
}

function Writer() {
  const { t } = useTranslation();
  const { wish } = useSession();
  const [draft, setDraft] = useState("");
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    box.current?.focus();
  }, []);

  const send = () => {
    if (cleaned(draft) !== "") {
      wish({ kind: "send", id: `own-${Date.now()}-${Math.random()}`, draft });
      setDraft("");
    }
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes a Vietnamese letter, Enter belongs to it.
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      send();
    }
  };
  return (
    <form className="chat__write" onSubmit={onSubmit}>
      <label htmlFor="chat-draft" className="visually-hidden">
        {t("chat.write")}
      </label>
      <textarea
        id="chat-draft"
        ref={box}
        rows={2}
        value={draft}
        maxLength={MAX_TEXT}
        placeholder={t("chat.write")}
        aria-describedby="chat-hint"
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={onKeyDown}
        data-testid="chat-input"
      />
      <Button
        look="primary"
        type="submit"
        icon="send"
        disabled={cleaned(draft) === ""}
        data-testid="chat-send"
      >
        {t("chat.send")}
      </Button>
      <p id="chat-hint" className="field__hint">
        {t("chat.hint")}
      </p>
    </form>
  );
}
