import { useTranslation } from "react-i18next";
import type { Person, Quality } from "./model";

const BARS: Readonly<Record<Quality, number>> = { excellent: 3, good: 2, poor: 1, lost: 0, unknown: 0 };
const HEIGHTS = [5, 9, 13] as const;

/** Bars, and the word for them: colour alone tells some people nothing. */
export function QualityMark({ person }: { readonly person: Person }) {
  const { t } = useTranslation();
  const word = t(`call.quality.${person.quality}`);
  const label = t("call.quality.label", { quality: word });
  return (
    <span
      className={`quality quality--${person.quality}`}
      title={label}
      data-testid={`quality-${person.identity}`}
    >
      <svg viewBox="0 0 16 14" aria-hidden="true" focusable="false">
        {HEIGHTS.map((height, index) => (
          <rect
            key={height}
            x={index * 5.5}
            y={14 - height}
            width={4}
            height={height}
            rx={1}
            className={index < BARS[person.quality] ? "quality__bar quality__bar--on" : "quality__bar"}
          />
        ))}
      </svg>
      <span className="visually-hidden">{label}</span>
      <span aria-hidden="true" className="quality__word">
        {word}
      </span>
    </span>
  );
}
