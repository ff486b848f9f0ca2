import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";
import { TextField } from "../ui/TextField";
import { check, type Form, isValid, suggestRoom, tidy } from "./form";
import type { Ticket } from "./ticket";

interface Props {
  /** The room a link named; `null` for a fresh suggestion. */
  readonly room: string | null;
  readonly joining: boolean;
  readonly onJoin: (ticket: Ticket) => void;
}

export function NameForm({ room, joining, onJoin }: Props) {
  const { t } = useTranslation();
  const [form, setForm] = useState<Form>(() => ({ name: "", room: room ?? suggestRoom(random) }));
  /** Faults are shown only after a first try: nobody likes to be corrected while writing. */
  const [tried, setTried] = useState(false);
  const errors = check(form);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (isValid(errors)) {
      onJoin({ kind: "named", name: tidy(form.name), room: tidy(form.room) });
    } else {
      focusOn(event.currentTarget, errors.name === null ? "room" : "name");
    }
  };
  return (
    <form className="form" onSubmit={submit} noValidate>
      <TextField
        label={t("start.name")}
        hint={t("start.nameHint")}
        error={tried && errors.name !== null ? t(`start.errors.${errors.name}`) : null}
        name="name"
        value={form.name}
        onText={(name) => setForm({ ...form, name })}
        autoComplete="name"
        required
        data-testid="join-name"
      />
      <TextField
        label={t("start.room")}
        hint={t("start.roomHint")}
        error={tried && errors.room !== null ? t(`start.errors.${errors.room}`) : null}
        name="room"
        value={form.room}
        onText={(text) => setForm({ ...form, room: text })}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        required
        data-testid="join-room"
        beside={
          <Button onClick={() => setForm({ ...form, room: suggestRoom(random) })}>
            {t("start.suggest")}
          </Button>
        }
      />
      <Button
        look="primary"
        type="submit"
        className="button--wide"
        disabled={joining}
        data-testid="join-button"
      >
        {t(joining ? "start.joining" : "start.join")}
      </Button>
    </form>
  );
}

function focusOn(form: HTMLFormElement, field: keyof Form): void {
  form.querySelector<HTMLInputElement>(`[name="${field}"]`)?.focus();
}

/** 0 ≤ x < 1, from the browser's secure source. */
function random(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
}
