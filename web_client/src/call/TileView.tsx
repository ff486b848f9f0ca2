import { useTranslation } from "react-i18next";
import { Icon } from "../ui/Icon";
import { IconButton } from "../ui/IconButton";
import { Picture } from "../ui/Picture";
import type { Live } from "./live";
import type { Person } from "./model";
import { QualityMark } from "./QualityMark";
import { ScreenTile } from "./ScreenTile";
import { StarvedNotice } from "./StarvedNotice";
import { useSession } from "./sessionContext";
import type { Tile } from "./tiles";

interface Props {
  readonly live: Live;
  readonly tile: Tile;
  /** Place on the screen, from 0. */
  readonly order: number;
  readonly large: boolean;
}

export function TileView({ live, tile, order, large }: Props) {
  const { t } = useTranslation();
  const { wish } = useSession();
  const { person } = tile;
  const pinned = live.pinned === tile.key;
  const name = tile.source === "screen" ? t("call.tile.screenOf", { name: person.name }) : person.name;
  const classes = [
    "tile",
    live.speaking.includes(person.identity) && "tile--speaking",
    large && "tile--large",
  ];
  return (
    <article
      className={classes.filter(Boolean).join(" ")}
      style={{ order }}
      aria-label={name}
      data-testid={`${tile.source === "screen" ? "screen" : "tile"}-${person.identity}`}
    >
      {tile.source === "screen" ? <ScreenTile person={person} /> : <CameraTile live={live} person={person} />}
      <StarvedNotice person={person} source={tile.source} />
      <IconButton
        icon="pin"
        label={t(pinned ? "call.tile.unpin" : "call.tile.pin", { name })}
        aria-pressed={pinned}
        className="tile__pin"
        onClick={() => wish({ kind: "togglePin", tile: tile.key })}
        data-testid={`pin-${tile.key}`}
      />
    </article>
  );
}

function CameraTile({ live, person }: { readonly live: Live; readonly person: Person }) {
  const { t } = useTranslation();
  const session = useSession();
  const name = person.isLocal ? t("call.you", { name: person.name }) : person.name;
  return (
    <>
      {person.camera === null ? (
        <Initials name={person.name} />
      ) : (
        <Picture
          key={person.camera}
          track={session.track(person.identity, "camera")}
          label={name}
          mirrored={person.isLocal}
        />
      )}
      <div className="tile__plate">
        {person.handRaisedAt !== null && <Mark icon="hand" label={t("call.tile.hand")} />}
        {!person.microphone && <Mark icon="microphoneOff" label={t("call.tile.muted")} />}
        {live.speaking.includes(person.identity) && <Mark icon="sound" label={t("call.tile.speaking")} />}
        <span className="tile__name" title={name}>
          {name}
        </span>
        <QualityMark person={person} />
      </div>
    </>
  );
}

function Mark({
  icon,
  label,
}: {
  readonly icon: "hand" | "microphoneOff" | "sound";
  readonly label: string;
}) {
  return (
    <span className={`mark mark--${icon}`} title={label}>
      <Icon name={icon} />
      <span className="visually-hidden">{label}</span>
    </span>
  );
}

/** Vietnamese given names come last, so the last two words stand for a person. */
function Initials({ name }: { readonly name: string }) {
  const words = name.split(/[^\p{L}\p{M}\p{N}]+/u).filter(Boolean);
  const initials = words.slice(-2).map((word) => [...word][0]?.toLocaleUpperCase() ?? "");
  return (
    <div className="tile__initials" aria-hidden="true">
      <span>{initials.join("")}</span>
    </div>
  );
}
