import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";
import { Picture } from "../ui/Picture";
import type { Person } from "./model";
import { useSession } from "./sessionContext";

/** A shared screen. One's own is not drawn: a screen that shows itself never ends. */
export function ScreenTile({ person }: { readonly person: Person }) {
  const { t } = useTranslation();
  const session = useSession();
  const label = t("call.tile.screenOf", { name: person.name });
  if (person.isLocal) {
    return (
      <div className="tile__own-screen">
        <p>{t("call.tile.sharing")}</p>
        <Button onClick={() => session.wish({ kind: "toggleSource", source: "screen" })}>
          {t("call.tile.stop")}
        </Button>
      </div>
    );
  }
  return (
    <>
      <Picture key={person.screen} track={session.track(person.identity, "screen")} label={label} whole />
      <div className="tile__plate">
        <span className="tile__name">{label}</span>
      </div>
    </>
  );
}
