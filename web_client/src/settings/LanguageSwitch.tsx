import { useTranslation } from "react-i18next";
import { LANGUAGES } from "./preferences";
import { prefer, usePreferences } from "./store";

export function LanguageSwitch() {
  const { t } = useTranslation();
  const { language } = usePreferences();
  return (
    <fieldset className="switch">
      <legend className="visually-hidden">{t("app.language")}</legend>
      {LANGUAGES.map((choice) => (
        <button
          key={choice}
          type="button"
          lang={choice}
          aria-pressed={choice === language}
          onClick={() => prefer({ language: choice })}
          data-testid={`language-${choice}`}
        >
          {t(`app.languages.${choice}`)}
        </button>
      ))}
    </fieldset>
  );
}
