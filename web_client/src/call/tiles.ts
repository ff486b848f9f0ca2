/** Which pictures there are, which of them is large, and how many fit beside each other. */
import type { Live } from "./live";
import { type People, type Person, type PictureSource, raisedHands, self } from "./model";

/** A picture on the stage. Its key is stable: the identity, with `#screen` behind it for a screen. */
export interface Tile {
  readonly key: string;
  readonly person: Person;
  readonly source: PictureSource;
}

export interface Stage {
  /** The large picture; `null` when all are equal. */
  readonly large: Tile | null;
  readonly others: readonly Tile[];
}

export function screenKey(identity: string): string {
  return `${identity}#screen`;
}

export function tileKeys(people: People): readonly string[] {
  return tiles(people).map((tile) => tile.key);
}

/** A pinned picture is large; else the first shared screen; else, in the speaker view, who speaks. */
export function arrange(live: Pick<Live, "people" | "view" | "pinned" | "spotlight">): Stage {
  const all = tiles(live.people);
  const large = all.find((tile) => tile.key === live.pinned) ?? firstScreen(all) ?? speaker(live, all);
  return { large: large ?? null, others: all.filter((tile) => tile !== large) };
}

export interface Grid {
  readonly columns: number;
  readonly rows: number;
  /** Size of one tile in CSS pixels. */
  readonly tileWidth: number;
  readonly tileHeight: number;
}

/** Space between tiles, in CSS pixels. */
export const GAP = 10;
/** A tile narrower than this shows neither a face nor a name worth looking at, in CSS pixels at 100 % text. */
const MIN_TILE_WIDTH = 150;
const MAX_COLUMNS = 4;
const MAX_ROWS = 3;
/** A camera's whole picture. On a phone held upright, a tile may be as high as it is wide, and cuts the sides. */
const WIDE = 16 / 9;
const SQUARE = 1;
const NARROW_PX = 480;

/**
 * The grid that shows most of `count` tiles in a box of CSS pixels, and then the largest.
 *
 * `textSize` is in per cent: larger names need wider tiles.
 */
export function grid(count: number, width: number, height: number, textSize = 100): Grid {
  const least = (MIN_TILE_WIDTH * textSize) / 100;
  const most = Math.max(1, Math.min(MAX_COLUMNS, Math.floor(width / least)));
  const candidates = Array.from({ length: most }, (_, index) => {
    const columns = index + 1;
    return sized(columns, Math.max(1, Math.min(MAX_ROWS, Math.ceil(count / columns))), width, height);
  });
  return candidates.reduce((best, option) => (better(option, best, count) ? option : best));
}

/** The people of `page` (from 0), which is brought back into range, and the number of pages. */
export function paged<T>(items: readonly T[], size: number, page: number) {
  const pages = Math.max(1, Math.ceil(items.length / size));
  const current = Math.min(Math.max(0, page), pages - 1);
  return { items: items.slice(current * size, (current + 1) * size), page: current, pages };
}

function better(option: Grid, best: Grid, count: number): boolean {
  const more = shown(option, count) - shown(best, count);
  return more === 0 ? option.tileWidth > best.tileWidth : more > 0;
}

function shown({ columns, rows }: Grid, count: number): number {
  return Math.min(count, columns * rows);
}

function sized(columns: number, rows: number, width: number, height: number): Grid {
  const highest = width < NARROW_PX ? SQUARE : WIDE;
  const room = (length: number, parts: number) => Math.max(0, (length - GAP * (parts - 1)) / parts);
  const tileHeight = Math.floor(Math.min(room(height, rows), room(width, columns) / highest));
  return {
    columns,
    rows,
    tileWidth: Math.floor(Math.min(room(width, columns), tileHeight * WIDE)),
    tileHeight,
  };
}

/** Screens first, then raised hands in their order, then the others as they came; oneself last. */
function tiles(people: People): readonly Tile[] {
  const me = self(people);
  const hands = raisedHands(people).filter((person) => person !== me);
  const rest = [...people.values()].filter((person) => person !== me && !hands.includes(person));
  const order = me === undefined ? [...hands, ...rest] : [...hands, ...rest, me];
  const screens = order.filter((person) => person.screen !== null);
  return [
    ...screens.map((person): Tile => ({ key: screenKey(person.identity), person, source: "screen" })),
    ...order.map((person): Tile => ({ key: person.identity, person, source: "camera" })),
  ];
}

/** One's own screen is not shown large to oneself: it would show itself. */
function firstScreen(all: readonly Tile[]): Tile | undefined {
  return all.find((tile) => tile.source === "screen" && !tile.person.isLocal);
}

function speaker(live: Pick<Live, "view" | "spotlight">, all: readonly Tile[]): Tile | undefined {
  if (live.view === "grid") {
    return undefined;
  }
  const cameras = all.filter((tile) => tile.source === "camera");
  return (
    cameras.find((tile) => tile.person.identity === live.spotlight.shown) ??
    cameras.find((tile) => !tile.person.isLocal) ??
    cameras[0]
  );
}
