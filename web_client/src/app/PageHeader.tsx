import { useTranslation } from "react-i18next";
import { LanguageSwitch } from "../settings/LanguageSwitch";
import { TextSize } from "../settings/TextSize";
import { Icon } from "../ui/Icon";

export function PageHeader() {
  const { t } = useTranslation();
  return (
    <header className="header">
      <a className="skip" href="#main">
        {t("app.skip")}
      </a>
      <div className="header__name">
        <span className="header__mark">
          <Icon name="chat" />
        </span>
        <div>
          <h1>{t("app.name")}</h1>
          <p>{t("app.purpose")}</p>
        </div>
      </div>
      <div className="header__tools">
        <LanguageSwitch />
        <TextSize />
      </div>
    </header>
  );
}
