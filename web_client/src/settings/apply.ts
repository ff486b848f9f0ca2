import i18n from "i18next";
import { onPreference, preferences } from "./store";

/** Keeps the document in step with the preferences: its language, its title, its text size. */
export function applyPreferences(): () => void {
  apply();
  return onPreference(apply);
}

function apply(): void {
  const { language, textSize } = preferences();
  const root = document.documentElement;
  root.lang = language;
  root.style.fontSize = `${textSize}%`;
  void i18n.changeLanguage(language);
  document.title = i18n.t("app.title");
}
