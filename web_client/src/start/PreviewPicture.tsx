import { useTranslation } from "react-i18next";
import { Icon } from "../ui/Icon";
import { Picture } from "../ui/Picture";
import type { Feed, Feeds, Preview, PreviewSource } from "./preview";

interface Props {
  readonly preview: Preview;
  readonly feeds: Feeds;
}

export function PreviewPicture({ preview, feeds }: Props) {
  const { t } = useTranslation();
  const { camera } = feeds;
  return (
    <div className="preview__picture">
      {camera.kind === "on" ? (
        <Picture track={camera.track} label={t("devices.preview")} mirrored />
      ) : (
        <p className="preview__empty" role="status">
          {t(camera.kind === "opening" ? "devices.opening" : "devices.cameraOff")}
        </p>
      )}
      <div className="preview__buttons">
        <Toggle source="microphone" feed={feeds.microphone} preview={preview} />
        <Toggle source="camera" feed={camera} preview={preview} />
      </div>
    </div>
  );
}

interface ToggleProps {
  readonly source: PreviewSource;
  readonly feed: Feed;
  readonly preview: Preview;
}

const ICONS = {
  microphone: { on: "microphone", off: "microphoneOff" },
  camera: { on: "camera", off: "cameraOff" },
} as const;
const LABELS = {
  microphone: { on: "devices.turnOffMicrophone", off: "devices.turnOnMicrophone" },
  camera: { on: "devices.turnOffCamera", off: "devices.turnOnCamera" },
} as const;

function Toggle({ source, feed, preview }: ToggleProps) {
  const { t } = useTranslation();
  const position = feed.kind === "on" ? "on" : "off";
  const label = t(LABELS[source][position]);
  return (
    <button
      type="button"
      className={`round round--${position}`}
      aria-label={label}
      title={label}
      disabled={feed.kind === "opening"}
      onClick={() => (position === "on" ? preview.close(source) : void preview.open(source))}
      data-testid={`preview-${source}`}
    >
      <Icon name={ICONS[source][position]} />
    </button>
  );
}
