import type { ReactNode } from "react";
import { Icon } from "./Icon";

interface Props {
  readonly tone: "info" | "warning" | "danger";
  readonly children: ReactNode;
  /** Not read out: something else says it already. */
  readonly silent?: boolean;
  readonly testId?: string;
}

/** Something a person should read now; screen readers are told at once. */
export function Notice({ tone, children, silent = false, testId }: Props) {
  const role = tone === "info" ? "status" : "alert";
  return (
    <div className={`notice notice--${tone}`} role={silent ? undefined : role} data-testid={testId}>
      {tone !== "info" && <Icon name="warning" />}
      <div className="notice__body">{children}</div>
    </div>
  );
}
