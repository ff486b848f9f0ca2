import { useTranslation } from "react-i18next";
import { useSession } from "../call/sessionContext";
import { SHORTCUTS, type Shortcut } from "../call/shortcuts";
import { DeviceSelect } from "../devices/DeviceSelect";
import { SpeakerChoice } from "../devices/SpeakerChoice";
import { useDevices } from "../devices/useDevices";
import { Dialog } from "../ui/Dialog";
import { Select } from "../ui/Select";
import { LanguageSwitch } from "./LanguageSwitch";
import { PICTURES, VIEWS } from "./preferences";
import { prefer, usePreferences } from "./store";
import { TextSize } from "./TextSize";

/** Settings that take effect in the running call. */
export function SettingsDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog heading={t("settings.heading")} onClose={onClose} testId="settings">
      <h3>{t("settings.devices")}</h3>
      <DeviceSettings />
      <h3>{t("settings.display")}</h3>
      <LanguageSwitch />
      <TextSize />
      <ViewChoice />
      <Shortcuts />
    </Dialog>
  );
}

function DeviceSettings() {
  const { t } = useTranslation();
  const session = useSession();
  const chosen = usePreferences();
  const devices = useDevices("in call");
  return (
    <>
      <DeviceSelect
        label={t("devices.camera")}
        devices={devices.cameras}
        chosen={chosen.cameraId}
        onChoose={(cameraId) => {
          prefer({ cameraId });
          void session.switchDevice("videoinput", cameraId);
        }}
        testId="choose-camera"
      />
      <DeviceSelect
        label={t("devices.microphone")}
        devices={devices.microphones}
        chosen={chosen.microphoneId}
        onChoose={(microphoneId) => {
          prefer({ microphoneId });
          void session.switchDevice("audioinput", microphoneId);
        }}
        testId="choose-microphone"
      />
      <SpeakerChoice
        devices={devices.speakers}
        chosen={chosen.speakerId}
        onChoose={(speakerId) => {
          prefer({ speakerId });
          void session.switchDevice("audiooutput", speakerId);
        }}
      />
      <PictureChoice />
    </>
  );
}

function PictureChoice() {
  const { t } = useTranslation();
  const { picture } = usePreferences();
  return (
    <Select
      label={t("settings.picture")}
      hint={t("settings.pictureHint")}
      choices={PICTURES.map((value) => ({ value, label: t(`settings.pictures.${value}`) }))}
      value={picture}
      onChoose={(value) => prefer({ picture: PICTURES.find((known) => known === value) ?? picture })}
      testId="choose-picture"
    />
  );
}

function ViewChoice() {
  const { t } = useTranslation();
  const { wish } = useSession();
  const { view } = usePreferences();
  return (
    <Select
      label={t("settings.view")}
      choices={VIEWS.map((value) => ({ value, label: t(`call.views.${value}`) }))}
      value={view}
      onChoose={(value) => wish({ kind: "chooseView", view: VIEWS.find((known) => known === value) ?? view })}
      testId="choose-view"
    />
  );
}

function Shortcuts() {
  const { t } = useTranslation();
  const { shortcuts } = usePreferences();
  return (
    <>
      <h3>{t("settings.shortcutList")}</h3>
      <label className="check">
        <input
          type="checkbox"
          checked={shortcuts}
          onChange={(event) => prefer({ shortcuts: event.target.checked })}
        />
        {t("settings.shortcuts")}
      </label>
      <dl className="keys">
        {(Object.keys(SHORTCUTS) as Shortcut[]).map((name) => (
          <div key={name}>
            <dt>
              <kbd>{SHORTCUTS[name].toUpperCase()}</kbd>
            </dt>
            <dd>{t(`settings.keys.${name}`)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
