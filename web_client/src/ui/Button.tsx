import type { ButtonHTMLAttributes } from "react";
import { Icon, type IconName } from "./Icon";

type Look = "primary" | "plain" | "danger" | "quiet";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: Look;
  readonly icon?: IconName;
}

/** A button with at least 44 px to hit; `type` is `button` unless said otherwise. */
export function Button({ look = "plain", icon, className, children, type = "button", ...rest }: Props) {
  const classes = ["button", `button--${look}`, className].filter(Boolean).join(" ");
  return (
    <button type={type} className={classes} {...rest}>
      {icon !== undefined && <Icon name={icon} />}
      {children}
    </button>
  );
}
