import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";
import { DeviceSelect } from "./DeviceSelect";
import { canChooseSpeaker, playTestSound } from "./speaker";

interface Props {
  readonly devices: readonly MediaDeviceInfo[];
  readonly chosen: string;
  readonly onChoose: (deviceId: string) => void;
}

export function SpeakerChoice({ devices, chosen, onChoose }: Props) {
  const { t } = useTranslation();
  const [playing, setPlaying] = useState(false);
  const test = () => {
    setPlaying(true);
    // A speaker that was just unplugged stays silent: hearing nothing is the answer.
    void playTestSound(chosen)
      .catch(() => {})
      .finally(() => setPlaying(false));
  };
  return (
    <div className="speaker-choice">
      {canChooseSpeaker() ? (
        <DeviceSelect
          label={t("devices.speaker")}
          devices={devices}
          chosen={chosen}
          onChoose={onChoose}
          testId="choose-speaker"
        />
      ) : (
        <p className="field__hint">{t("devices.speakerFixed")}</p>
      )}
      <Button icon="sound" onClick={test} disabled={playing} data-testid="test-speaker">
        {t(playing ? "devices.testing" : "devices.testSpeaker")}
      </Button>
    </div>
  );
}
