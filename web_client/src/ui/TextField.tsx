import { type InputHTMLAttributes, type ReactNode, useId } from "react";

interface Props extends Omit<InputHTMLAttributes<HTMLInputElement>, "onChange"> {
  readonly label: string;
  readonly hint: string;
  /** What is wrong, in a sentence; `null` if nothing is. */
  readonly error: string | null;
  readonly onText: (text: string) => void;
  /** A control beside the box. */
  readonly beside?: ReactNode;
}

export function TextField({ label, hint, error, onText, beside, ...rest }: Props) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="field__row">
        <input
          id={id}
          type="text"
          aria-invalid={error !== null}
          aria-describedby={`${id}-hint ${id}-error`}
          onChange={(event) => onText(event.target.value)}
          {...rest}
        />
        {beside}
      </div>
      <p id={`${id}-hint`} className="field__hint">
        {hint}
      </p>
      <p id={`${id}-error`} className="field__error" role="alert">
        {error}
      </p>
    </div>
  );
}
