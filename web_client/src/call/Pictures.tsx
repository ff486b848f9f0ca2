import { type CSSProperties, useState } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "../ui/IconButton";
import { Invite } from "./Invite";
import type { Live } from "./live";
import { TileView } from "./TileView";
import { arrange, grid, paged, type Stage, type Tile } from "./tiles";
import { useSize } from "./useSize";

/** Everybody's pictures: one large with the others beside it, or all equal. */
export function Pictures({ live }: { readonly live: Live }) {
  const { t } = useTranslation();
  const stage = arrange(live);
  return (
    <section className="pictures" aria-label={t("call.stage")}>
      {live.people.size === 1 && <Invite />}
      {stage.large === null ? (
        <Grid live={live} tiles={stage.others} />
      ) : (
        <Speaker live={live} large={stage.large} others={stage.others} />
      )}
    </section>
  );
}

function Speaker({
  live,
  large,
  others,
}: { readonly live: Live; readonly large: Tile } & Pick<Stage, "others">) {
  return (
    <div className="speaker">
      <div className="speaker__large">
        <TileView live={live} tile={large} large />
      </div>
      {others.length > 0 && (
        <div className="speaker__others">
          {others.map((tile) => (
            <TileView key={tile.key} live={live} tile={tile} />
          ))}
        </div>
      )}
    </div>
  );
}

function Grid({ live, tiles }: { readonly live: Live; readonly tiles: readonly Tile[] }) {
  const [ref, { width, height }] = useSize();
  const [wanted, setWanted] = useState(0);
  const { columns, rows } = grid(tiles.length, width, height);
  const { items, page, pages } = paged(tiles, columns * rows, wanted);
  const shape = { "--columns": columns, "--rows": rows } as CSSProperties;
  return (
    <div className="grid-box">
      <div className="grid" ref={ref} style={shape}>
        {items.map((tile) => (
          <TileView key={tile.key} live={live} tile={tile} />
        ))}
      </div>
      {pages > 1 && <Pager page={page} pages={pages} onTurn={setWanted} />}
    </div>
  );
}

interface PagerProps {
  readonly page: number;
  readonly pages: number;
  readonly onTurn: (page: number) => void;
}

function Pager({ page, pages, onTurn }: PagerProps) {
  const { t } = useTranslation();
  return (
    <div className="pager">
      <IconButton
        icon="previous"
        label={t("call.previous")}
        disabled={page === 0}
        onClick={() => onTurn(page - 1)}
      />
      <span aria-live="polite">{t("call.page", { page: page + 1, pages })}</span>
      <IconButton
        icon="next"
        label={t("call.next")}
        disabled={page === pages - 1}
        onClick={() => onTurn(page + 1)}
      />
    </div>
  );
}
