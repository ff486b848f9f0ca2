/** Which pictures there are, which of them is large, and how many fit beside each other. */
import type { Live } from "./live";
import { type People, type Person, raisedHands, self } from "./model";

/** A picture on the stage. Its key is stable: the identity, with `#screen` behind it for a screen. */
export interface Tile {
  readonly key: string;
  readonly person: Person;
  readonly source: "camera" | "screen";
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
}

/** A tile narrower than this shows no face worth looking at, in CSS pixels. */
const MIN_TILE_WIDTH = 150;
const MAX_COLUMNS = 4;
const MAX_ROWS = 3;
const ASPECT = 16 / 9;

/** The grid that shows most of `count` tiles in a box of CSS pixels, and then the largest. */
export function grid(count: number, width: number, height: number): Grid {
  const most = Math.max(1, Math.min(MAX_COLUMNS, Math.floor(width / MIN_TILE_WIDTH)));
  const candidates = Array.from({ length: most }, (_, index) => index + 1).map((columns) => ({
    columns,
    rows: Math.max(1, Math.min(MAX_ROWS, Math.ceil(count / columns))),
  }));
  return candidates.reduce((best, option) => (better(option, best, count, width, height) ? option : best));
}

/** The people of `page` (from 0), which is brought back into range, and the number of pages. */
export function paged<T>(items: readonly T[], size: number, page: number) {
  const pages = Math.max(1, Math.ceil(items.length / size));
  const current = Math.min(Math.max(0, page), pages - 1);
  return { items: items.slice(current * size, (current + 1) * size), page: current, pages };
}

function better(option: Grid, best: Grid, count: number, width: number, height: number): boolean {
  const more = shown(option, count) - shown(best, count);
  return more === 0 ? tileWidth(option, width, height) > tileWidth(best, width, height) : more > 0;
}

function shown(option: Grid, count: number): number {
  return Math.min(count, option.columns * option.rows);
}

function tileWidth({ columns, rows }: Grid, width: number, height: number): number {
  return Math.min(width / columns, (height / rows) * ASPECT);
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
