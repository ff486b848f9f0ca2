import type { FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";
import type { Ticket } from "./ticket";

interface Props {
  readonly ticket: Ticket & { kind: "invited" };
  readonly joining: boolean;
  readonly onJoin: (ticket: Ticket) => void;
}

/** For one who came by a personal link: name and room are settled, only the devices are left to check. */
export function InvitedForm({ ticket, joining, onJoin }: Props) {
  const { t } = useTranslation();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onJoin(ticket);
  };
  return (
    <form className="form" onSubmit={submit}>
      <p data-testid="invited">{t("start.invited", { room: ticket.room, name: ticket.name })}</p>
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
