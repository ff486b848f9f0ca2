import { useTranslation } from "react-i18next";
import { Select } from "../ui/Select";
import { TEXT_SIZES } from "./preferences";
import { prefer, usePreferences } from "./store";

export function TextSize() {
  const { t } = useTranslation();
  const { textSize } = usePreferences();
  const choose = (value: string) => {
    prefer({ textSize: TEXT_SIZES.find((size) => String(size) === value) ?? textSize });
  };
  return (
    <Select
      label={t("app.textSize")}
      choices={TEXT_SIZES.map((size) => ({ value: String(size), label: `${size} %` }))}
      value={String(textSize)}
      onChoose={choose}
      testId="text-size"
    />
  );
}
