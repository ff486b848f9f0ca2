import { type CSSProperties, useState } from "react";
import { useTranslation } from "react-i18next";
import { usePreferences } from "../settings/store";
import { Invite } from "./Invite";
import type { Live } from "./live";
import { Pager } from "./Pager";
import { TileView } from "./TileView";
import { arrange, GAP, grid, paged, type Stage, type Tile } from "./tiles";
import { useSize } from "./useSize";

/** Everybody's pictures: one large with the others beside it, or all equal. */
export function Pictures({ live }: { readonly live: Live }) {
  const { t } = useTranslation();
  const stage = arrange(live);
  const { textSize } = usePreferences();
  const [ref, { width, height }] = useSize();
  const [wanted, setWanted] = useState(0);
  const shape = grid(stage.others.length, width, height, textSize);
  const { items, page, pages } = paged(stage.others, shape.columns * shape.rows, wanted);
  const size = {
    "--tile-width": `${shape.tileWidth}px`,
    "--tile-height": `${shape.tileHeight}px`,
    "--gap-px": `${GAP}px`,
  };
  return (
    <section className="pictures" aria-label={t("call.stage")}>
      {live.people.size === 1 && <Invite />}
      <div className="stage-box" ref={ref}>
        <div className={`stage stage--${kindOf(stage)}`} style={size as CSSProperties}>
          <Tiles live={live} stage={stage.large === null ? { large: null, others: items } : stage} />
        </div>
      </div>
      {stage.large === null && pages > 1 && <Pager page={page} pages={pages} onTurn={setWanted} />}
    </section>
  );
}

function kindOf({ large, others }: Stage): "grid" | "speaker" | "single" {
  if (large === null) {
    return "grid";
  }
  return others.length === 0 ? "single" : "speaker";
}

/**
 * The tiles, in the document by their keys and on the screen by `order`.
 *
 * A video that moves in the document stops and asks for a new key frame, so none ever moves: not when a hand
 * goes up, and not when the view changes.
 */
function Tiles({ live, stage }: { readonly live: Live; readonly stage: Stage }) {
  const visible = stage.large === null ? stage.others : [stage.large, ...stage.others];
  const fixed = visible.map((tile, order) => ({ tile, order })).sort((a, b) => byKey(a.tile, b.tile));
  return fixed.map(({ tile, order }) => (
    <TileView key={tile.key} live={live} tile={tile} order={order} large={tile === stage.large} />
  ));
}

function byKey(a: Tile, b: Tile): number {
  return a.key < b.key ? -1 : 1;
}
