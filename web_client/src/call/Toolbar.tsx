import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Live } from "./live";
import { self, sends } from "./model";
import { useSession } from "./sessionContext";
import { ToolButton } from "./ToolButton";

interface Props {
  readonly live: Live;
  readonly onSettings: () => void;
}

/** The controls of a call. On a narrow screen, those behind "more" wait in a second row. */
export function Toolbar({ live, onSettings }: Props) {
  const { t } = useTranslation();
  const { wish } = useSession();
  const [more, setMore] = useState(false);
  return (
    <section className="toolbar" aria-label={t("call.toolbar")}>
      <FirstTools live={live} />
      <ToolButton
        icon="more"
        text={t("call.buttons.more")}
        className="toolbar__more"
        aria-expanded={more}
        aria-controls="toolbar-rest"
        onClick={() => setMore(!more)}
        testId="more"
      />
      <div className={more ? "toolbar__rest toolbar__rest--open" : "toolbar__rest"} id="toolbar-rest">
        <RestTools live={live} onSettings={onSettings} />
      </div>
      <ToolButton
        icon="leave"
        text={t("call.buttons.leave")}
        label={t("call.labels.leave")}
        className="tool--leave"
        onClick={() => wish({ kind: "leave" })}
        testId="leave"
      />
    </section>
  );
}

function FirstTools({ live }: { readonly live: Live }) {
  const { t } = useTranslation();
  const { wish } = useSession();
  const me = self(live.people);
  const microphone = me?.microphone ?? false;
  const camera = me !== undefined && sends(me, "camera");
  const raised = me !== undefined && me.handRaisedAt !== null;
  const { unread } = live.conversation;
  return (
    <>
      <ToolButton
        icon={microphone ? "microphone" : "microphoneOff"}
        text={t("call.buttons.microphone")}
        label={t(microphone ? "call.labels.microphoneOn" : "call.labels.microphoneOff")}
        shortcut="microphone"
        off={!microphone}
        busy={live.changing.has("microphone")}
        onClick={() => wish({ kind: "toggleSource", source: "microphone" })}
        testId="toggle-mic"
      />
      <ToolButton
        icon={camera ? "camera" : "cameraOff"}
        text={t("call.buttons.camera")}
        label={t(camera ? "call.labels.cameraOn" : "call.labels.cameraOff")}
        shortcut="camera"
        off={!camera}
        busy={live.changing.has("camera")}
        onClick={() => wish({ kind: "toggleSource", source: "camera" })}
        testId="toggle-camera"
      />
      <ToolButton
        icon="hand"
        text={t("call.buttons.hand")}
        label={t(raised ? "call.labels.handOn" : "call.labels.handOff")}
        shortcut="hand"
        active={raised}
        onClick={() => wish({ kind: "toggleHand" })}
        testId="hand"
      />
      <ToolButton
        icon="chat"
        text={t("call.buttons.chat")}
        label={unread > 0 ? t("call.labels.unread", { number: unread }) : t("call.buttons.chat")}
        shortcut="chat"
        active={live.panel === "chat"}
        badge={unread}
        onClick={() => wish({ kind: "togglePanel", panel: "chat" })}
        testId="chat-open"
      />
    </>
  );
}

function RestTools({ live, onSettings }: Props) {
  const { t } = useTranslation();
  const { wish } = useSession();
  const me = self(live.people);
  const sharing = me !== undefined && sends(me, "screen");
  return (
    <>
      {canShareScreen() && (
        <ToolButton
          icon="screen"
          text={t("call.buttons.screen")}
          label={t(sharing ? "call.labels.screenOn" : "call.labels.screenOff")}
          shortcut="screen"
          active={sharing}
          busy={live.changing.has("screen")}
          onClick={() => wish({ kind: "toggleSource", source: "screen" })}
          testId="toggle-screen"
        />
      )}
      <ToolButton
        icon="people"
        text={t("call.buttons.people")}
        shortcut="people"
        active={live.panel === "people"}
        onClick={() => wish({ kind: "togglePanel", panel: "people" })}
        testId="people-open"
      />
      <ViewButtons live={live} />
      <ToolButton
        icon="settings"
        text={t("call.buttons.settings")}
        onClick={onSettings}
        testId="settings-open"
      />
    </>
  );
}

function ViewButtons({ live }: { readonly live: Live }) {
  const { t } = useTranslation();
  const { wish } = useSession();
  return (
    <fieldset className="toolbar__views">
      <legend className="visually-hidden">{t("call.buttons.view")}</legend>
      {(["grid", "speaker"] as const).map((view) => (
        <ToolButton
          key={view}
          icon={view}
          text={t(`call.views.${view}`)}
          active={live.view === view}
          onClick={() => wish({ kind: "chooseView", view })}
          testId={`view-${view}`}
        />
      ))}
    </fieldset>
  );
}

/** Phones cannot. */
function canShareScreen(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === "function";
}
