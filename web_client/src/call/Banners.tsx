import { useTranslation } from "react-i18next";
import { ProblemNotice } from "../devices/ProblemNotice";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import type { Link } from "./link";
import type { Live } from "./live";
import { self } from "./model";
import { useSession } from "./sessionContext";

/** What needs attention now, above the pictures. */
export function Banners({ live }: { readonly live: Live }) {
  const { wish } = useSession();
  const { problem } = live;
  return (
    <div className="banners">
      <LinkBanner link={live.link} />
      <WeakLinkBanner live={live} />
      {live.soundBlocked && <SoundBanner />}
      {problem !== null && (
        <ProblemNotice
          source={problem.source}
          problem={problem.problem}
          onRetry={() => wish({ kind: "toggleSource", source: problem.source })}
          onDismiss={() => wish({ kind: "dismissProblem" })}
        />
      )}
    </div>
  );
}

function LinkBanner({ link }: { readonly link: Link }) {
  const { t } = useTranslation();
  switch (link.kind) {
    case "up":
      return null;
    case "signalLost":
      return (
        <Notice tone="info" silent testId="signal-lost">
          {t("call.link.signalLost")}
        </Notice>
      );
    case "mediaLost":
      return (
        <Notice tone="danger" silent testId="media-lost">
          {link.secondsLeft > 0
            ? t("call.link.mediaLost", { seconds: link.secondsLeft })
            : t("call.link.stillTrying")}
        </Notice>
      );
  }
}

/** Sound comes first: whoever sends a picture over a weak link is shown the way out. */
function WeakLinkBanner({ live }: { readonly live: Live }) {
  const { t } = useTranslation();
  const { wish } = useSession();
  const me = self(live.people);
  if (live.link.kind !== "up" || me?.quality !== "poor" || me.camera === null) {
    return null;
  }
  return (
    <Notice tone="warning" testId="weak-link">
      <span>{t("call.link.poor")}</span>
      <Button onClick={() => wish({ kind: "toggleSource", source: "camera" })}>
        {t("call.link.saveSound")}
      </Button>
    </Notice>
  );
}

function SoundBanner() {
  const { t } = useTranslation();
  const { wish } = useSession();
  return (
    <Notice tone="warning" testId="sound-blocked">
      <span>{t("call.sound.blocked")}</span>
      <Button look="primary" icon="sound" onClick={() => wish({ kind: "allowSound" })}>
        {t("call.sound.allow")}
      </Button>
    </Notice>
  );
}
