import { useTranslation } from "react-i18next";
import type { Person, PictureSource } from "./model";

interface Props {
  readonly person: Person;
  readonly source: PictureSource;
}

/** Says why a picture stands still: it would otherwise look like a fault of the other side. */
export function StarvedNotice({ person, source }: Props) {
  const { t } = useTranslation();
  if (person[source] === null || !person.starved.includes(source)) {
    return null;
  }
  return (
    <p className="tile__starved" role="status" data-testid={`starved-${source}-${person.identity}`}>
      {t("call.tile.starved")}
    </p>
  );
}
