import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import type { Problem } from "./problem";

interface Props {
  readonly source: "camera" | "microphone" | "screen" | "both";
  readonly problem: Problem;
  readonly onRetry: () => void;
  readonly onDismiss?: () => void;
}

export function ProblemNotice({ source, problem, onRetry, onDismiss }: Props) {
  const { t } = useTranslation();
  return (
    <Notice tone="warning" testId={`problem-${source}`}>
      <p>
        <strong>{t(`devices.problem.${source}`)}</strong> {t(`devices.advice.${problem}`)}
      </p>
      <p className="notice__actions">
        <Button onClick={onRetry}>{t("devices.retry")}</Button>
        {onDismiss !== undefined && (
          <Button look="quiet" onClick={onDismiss}>
            {t("app.close")}
          </Button>
        )}
      </p>
    </Notice>
  );
}
