import type { ButtonHTMLAttributes } from "react";
import { useTranslation } from "react-i18next";
import { usePreferences } from "../settings/store";
import { Icon, type IconName } from "../ui/Icon";
import { SHORTCUTS, type Shortcut } from "./shortcuts";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly icon: IconName;
  /** The short word under the drawing. */
  readonly text: string;
  /** What pressing does, when that is more than `text`. */
  readonly label?: string;
  readonly shortcut?: Shortcut;
  /** Given for a control that stays pressed. */
  readonly active?: boolean;
  /** Given for a source: whether nothing is sent from it. */
  readonly off?: boolean;
  readonly busy?: boolean;
  readonly badge?: number;
  readonly testId: string;
}

export function ToolButton(props: Props) {
  const {
    icon,
    text,
    label = text,
    shortcut,
    active,
    off,
    busy = false,
    badge = 0,
    testId,
    className,
    ...rest
  } = props;
  const { t } = useTranslation();
  const { shortcuts } = usePreferences();
  const key = shortcut === undefined || !shortcuts ? undefined : SHORTCUTS[shortcut].toUpperCase();
  const tip = key === undefined ? label : t("call.labels.shortcut", { label, key });
  const classes = ["tool", active && "tool--active", off && "tool--off", className].filter(Boolean).join(" ");
  return (
    <button
      type="button"
      className={classes}
      aria-label={label}
      aria-pressed={active}
      aria-keyshortcuts={key}
      aria-busy={busy}
      title={tip}
      data-testid={testId}
      {...rest}
    >
      <Icon name={icon} />
      <span className="tool__text">{text}</span>
      {badge > 0 && (
        <span className="tool__badge" data-testid={`${testId}-badge`}>
          {badge}
        </span>
      )}
    </button>
  );
}
