import { useTranslation } from "react-i18next";
import { DeviceSelect } from "../devices/DeviceSelect";
import { LevelMeter } from "../devices/LevelMeter";
import { ProblemNotice } from "../devices/ProblemNotice";
import { SpeakerChoice } from "../devices/SpeakerChoice";
import { useDevices } from "../devices/useDevices";
import { prefer, usePreferences } from "../settings/store";
import { PreviewPicture } from "./PreviewPicture";
import type { Feeds, Preview } from "./preview";

interface Props {
  readonly preview: Preview;
  readonly feeds: Feeds;
}

/** One's own picture and sound before a call. */
export function DevicePreview({ preview, feeds }: Props) {
  const { t } = useTranslation();
  const { camera, microphone } = feeds;
  return (
    <section className="card preview" aria-labelledby="preview-heading">
      <h2 id="preview-heading">{t("start.check")}</h2>
      <PreviewPicture preview={preview} feeds={feeds} />
      <LevelMeter track={microphone.kind === "on" ? microphone.track.mediaStreamTrack : undefined} />
      <p className="field__hint">{t("devices.levelHint")}</p>
      {camera.kind === "failed" && (
        <ProblemNotice source="camera" problem={camera.problem} onRetry={() => void preview.open("camera")} />
      )}
      {microphone.kind === "failed" && (
        <ProblemNotice
          source="microphone"
          problem={microphone.problem}
          onRetry={() => void preview.open("microphone")}
        />
      )}
    </section>
  );
}

/** Which camera, microphone and speaker to use. */
export function DeviceChoices({ preview, feeds }: Props) {
  const { t } = useTranslation();
  const chosen = usePreferences();
  const devices = useDevices(`${feeds.camera.kind} ${feeds.microphone.kind}`);
  return (
    <section className="card choices" aria-labelledby="choices-heading">
      <h2 id="choices-heading">{t("start.choose")}</h2>
      <DeviceSelect
        label={t("devices.camera")}
        devices={devices.cameras}
        chosen={chosen.cameraId}
        onChoose={(cameraId) => {
          prefer({ cameraId });
          void preview.open("camera");
        }}
        testId="choose-camera"
      />
      <DeviceSelect
        label={t("devices.microphone")}
        devices={devices.microphones}
        chosen={chosen.microphoneId}
        onChoose={(microphoneId) => {
          prefer({ microphoneId });
          void preview.open("microphone");
        }}
        testId="choose-microphone"
      />
      <SpeakerChoice
        devices={devices.speakers}
        chosen={chosen.speakerId}
        onChoose={(speakerId) => prefer({ speakerId })}
      />
    </section>
  );
}
