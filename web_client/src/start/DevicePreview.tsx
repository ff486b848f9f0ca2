import { useTranslation } from "react-i18next";
import { DeviceSelect } from "../devices/DeviceSelect";
import { LevelMeter } from "../devices/LevelMeter";
import { ProblemNotice } from "../devices/ProblemNotice";
import type { Problem } from "../devices/problem";
import { SpeakerChoice } from "../devices/SpeakerChoice";
import { useDevices } from "../devices/useDevices";
import { prefer, usePreferences } from "../settings/store";
import { PreviewPicture } from "./PreviewPicture";
import type { Feed, Feeds, Preview } from "./preview";

interface Props {
  readonly preview: Preview;
  readonly feeds: Feeds;
}

/** One's own picture and sound before a call. */
export function DevicePreview({ preview, feeds }: Props) {
  const { t } = useTranslation();
  const { microphone } = feeds;
  return (
    <section className="card preview" aria-labelledby="preview-heading">
      <h2 id="preview-heading">{t("start.check")}</h2>
      <PreviewPicture preview={preview} feeds={feeds} />
      <LevelMeter track={microphone.kind === "on" ? microphone.track.mediaStreamTrack : undefined} />
      <p className="field__hint">{t("devices.levelHint")}</p>
      <Problems preview={preview} feeds={feeds} />
    </section>
  );
}

/** One cause is explained once, even when it keeps both from working. */
function Problems({ preview, feeds }: Props) {
  const camera = problemOf(feeds.camera);
  const microphone = problemOf(feeds.microphone);
  if (camera !== null && camera === microphone) {
    return <ProblemNotice source="both" problem={camera} onRetry={() => void preview.openBoth()} />;
  }
  return (
    <>
      {camera !== null && (
        <ProblemNotice source="camera" problem={camera} onRetry={() => void preview.open("camera")} />
      )}
      {microphone !== null && (
        <ProblemNotice
          source="microphone"
          problem={microphone}
          onRetry={() => void preview.open("microphone")}
        />
      )}
    </>
  );
}

function problemOf(feed: Feed): Problem | null {
  return feed.kind === "failed" ? feed.problem : null;
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
