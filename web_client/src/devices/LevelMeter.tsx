import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { watchLevel } from "./meter";

interface Props {
  readonly track: MediaStreamTrack | undefined;
}

export function LevelMeter({ track }: Props) {
  const { t } = useTranslation();
  const [level, setLevel] = useState(0);
  useEffect(() => {
    if (track === undefined) {
      return;
    }
    const stop = watchLevel(track, setLevel);
    return () => {
      stop();
      setLevel(0);
    };
  }, [track]);
  return (
    <meter
      className="level"
      aria-label={t("devices.level")}
      title={t("devices.levelHint")}
      min={0}
      max={1}
      value={level}
      data-testid="mic-level"
    />
  );
}
