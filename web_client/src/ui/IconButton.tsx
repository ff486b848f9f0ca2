import type { ButtonHTMLAttributes } from "react";
import { Icon, type IconName } from "./Icon";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly icon: IconName;
  /** The name of the control: for screen readers, and as a tip for the mouse. */
  readonly label: string;
}

export function IconButton({ icon, label, className, ...rest }: Props) {
  const classes = ["icon-button", className].filter(Boolean).join(" ");
  return (
    <button type="button" className={classes} aria-label={label} title={label} {...rest}>
      <Icon name={icon} />
    </button>
  );
}
