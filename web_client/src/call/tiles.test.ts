import fc from "fast-check";
import { expect, test } from "vitest";
import type { Person } from "./model";
import { person } from "./story";
import { arrange, GAP, grid, paged } from "./tiles";

function scene(
  view: "grid" | "speaker",
  people: readonly Person[],
  shown: string | null = null,
  pinned: string | null = null,
) {
  const stage = arrange({
    people: new Map(people.map((one) => [one.identity, one])),
    view,
    pinned,
    spotlight: { shown, challenger: null },
  });
  return { large: stage.large?.key ?? null, others: stage.others.map((tile) => tile.key) };
}

test("in the grid all are equal, and I come last", () => {
  expect(scene("grid", [person("me"), person("lan"), person("páo")])).toEqual({
    large: null,
    others: ["lan", "páo", "me"],
  });
});

test("raised hands come first, in their order", () => {
  const people = [
    person("me"),
    person("lan"),
    person("páo", { handRaisedAt: "2026-11-23T08:00:02Z" }),
    person("hà", { handRaisedAt: "2026-11-23T08:00:01Z" }),
  ];
  expect(scene("grid", people).others).toEqual(["hà", "páo", "lan", "me"]);
});

test("the speaker view shows who speaks, else the first other person, else me", () => {
  const people = [person("me"), person("lan"), person("páo")];
  expect(scene("speaker", people, "páo").large).toBe("páo");
  expect(scene("speaker", people).large).toBe("lan");
  expect(scene("speaker", [person("me")]).large).toBe("me");
});

test("a shared screen is large in both views, but my own never shows itself to me", () => {
  const lan = person("lan", { screen: "TR_S" });
  expect(scene("grid", [person("me"), lan]).large).toBe("lan#screen");
  expect(scene("speaker", [person("me"), lan], "lan").large).toBe("lan#screen");
  expect(scene("grid", [person("me", { screen: "TR_S" }), person("lan")]).large).toBeNull();
});

test("a pin wins over everything", () => {
  const people = [person("me"), person("lan", { screen: "TR_S" }), person("páo")];
  expect(scene("grid", people, "lan", "páo").large).toBe("páo");
});

test.each([
  { count: 1, width: 1200, height: 600, columns: 1, rows: 1 },
  { count: 2, width: 1200, height: 600, columns: 2, rows: 1 },
  { count: 4, width: 1200, height: 600, columns: 2, rows: 2 },
  { count: 9, width: 1200, height: 600, columns: 3, rows: 3 },
  { count: 2, width: 340, height: 560, columns: 1, rows: 2 },
  { count: 6, width: 340, height: 560, columns: 2, rows: 3 },
])("$count people in $width × $height sit in $columns × $rows", ({ count, width, height, columns, rows }) => {
  expect(grid(count, width, height)).toMatchObject({ columns, rows });
});

test("a page of tiles fits its box, and a camera's picture is cut only on a phone", () => {
  const sizes = fc.tuple(
    fc.integer({ min: 1, max: 60 }),
    fc.integer({ min: 200, max: 3000 }),
    fc.integer({ min: 200, max: 2000 }),
  );
  fc.assert(
    fc.property(sizes, ([count, width, height]) => {
      const { columns, rows, tileWidth, tileHeight } = grid(count, width, height);
      expect(columns * tileWidth + (columns - 1) * GAP).toBeLessThanOrEqual(width);
      expect(rows * tileHeight + (rows - 1) * GAP).toBeLessThanOrEqual(height);
      const cut = tileHeight * (16 / 9) - tileWidth;
      expect(cut).toBeLessThan(width < 480 ? tileHeight * (16 / 9 - 1) + 2 : 2);
    }),
  );
});

test("large text takes fewer and wider tiles", () => {
  expect(grid(6, 312, 460)).toMatchObject({ columns: 2, rows: 3 });
  expect(grid(6, 312, 460, 200)).toMatchObject({ columns: 1, rows: 3 });
});

test("turning all pages shows everybody exactly once, whatever the window", () => {
  const sizes = fc.tuple(
    fc.integer({ min: 1, max: 60 }),
    fc.integer({ min: 0, max: 3000 }),
    fc.integer({ min: 0, max: 2000 }),
  );
  fc.assert(
    fc.property(sizes, ([count, width, height]) => {
      const everybody = Array.from({ length: count }, (_, index) => index);
      const { columns, rows } = grid(count, width, height);
      const { pages } = paged(everybody, columns * rows, 0);
      const seen = Array.from(
        { length: pages },
        (_, page) => paged(everybody, columns * rows, page).items,
      ).flat();
      expect(seen).toEqual(everybody);
    }),
  );
});

test("a page that no longer exists becomes the last one", () => {
  expect(paged([1, 2, 3], 2, 9)).toEqual({ items: [3], page: 1, pages: 2 });
});
