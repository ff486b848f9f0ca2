import { type ReactNode, useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "./IconButton";

interface Props {
  readonly heading: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly testId?: string;
}

/** A modal window; the browser keeps the focus inside, and Escape closes it. */
export function Dialog({ heading, onClose, children, testId }: Props) {
  const { t } = useTranslation();
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    ref.current?.showModal();
  }, []);
  return (
    <dialog ref={ref} className="dialog" aria-labelledby={id} onClose={onClose} data-testid={testId}>
      <header className="dialog__head">
        <h2 id={id}>{heading}</h2>
        <IconButton icon="close" label={t("app.close")} onClick={onClose} data-testid="dialog-close" />
      </header>
      <div className="dialog__body">{children}</div>
    </dialog>
  );
}
