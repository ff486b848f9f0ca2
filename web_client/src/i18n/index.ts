import i18n from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "./en";
import { type Catalogue, vi } from "./vi";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: Catalogue };
    returnNull: false;
  }
}

/** Both catalogues are part of the program: nothing is fetched, so `init` is done when it returns. */
export function startTranslation(language: string): void {
  void i18n.use(initReactI18next).init({
    resources: { vi: { translation: vi }, en: { translation: en } },
    lng: language,
    fallbackLng: "vi",
    interpolation: { escapeValue: false }, // React escapes what it renders.
    initAsync: false,
  });
}
