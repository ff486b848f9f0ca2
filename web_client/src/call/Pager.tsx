import { useTranslation } from "react-i18next";
import { IconButton } from "../ui/IconButton";

interface Props {
  /** From 0. */
  readonly page: number;
  readonly pages: number;
  readonly onTurn: (page: number) => void;
}

export function Pager({ page, pages, onTurn }: Props) {
  const { t } = useTranslation();
  return (
    <div className="pager">
      <IconButton
        icon="previous"
        label={t("call.previous")}
        disabled={page === 0}
        onClick={() => onTurn(page - 1)}
        data-testid="page-previous"
      />
      <span aria-live="polite">{t("call.page", { page: page + 1, pages })}</span>
      <IconButton
        icon="next"
        label={t("call.next")}
        disabled={page === pages - 1}
        onClick={() => onTurn(page + 1)}
        data-testid="page-next"
      />
    </div>
  );
}
