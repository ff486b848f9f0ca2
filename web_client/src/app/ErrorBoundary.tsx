import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";

interface Props {
  readonly children: ReactNode;
}

interface State {
  readonly broken: boolean;
}

/** A fault of ours while drawing: says so and offers the cure, instead of an empty page. */
export class ErrorBoundary extends Component<Props, State> {
  override readonly state: State = { broken: false };

  static getDerivedStateFromError(): State {
    return { broken: true };
  }

  override render(): ReactNode {
    return this.state.broken ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const { t } = useTranslation();
  return (
    <main className="left">
      <Notice tone="danger" testId="broken">
        <p>{t("app.broken")}</p>
        <Button look="primary" onClick={() => window.location.reload()}>
          {t("app.reload")}
        </Button>
      </Notice>
    </main>
  );
}
