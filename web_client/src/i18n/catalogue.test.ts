import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { en } from "./en";
import { vi } from "./vi";

function entries(catalogue: object, path = ""): [string, string][] {
  return Object.entries(catalogue).flatMap(([key, value]): [string, string][] =>
    typeof value === "string" ? [[path + key, value]] : entries(value, `${path}${key}.`),
  );
}

const vietnamese = new Map(entries(vi));
const english = new Map(entries(en));

test("both catalogues have the same keys, and no text is empty", () => {
  expect([...english.keys()].sort()).toEqual([...vietnamese.keys()].sort());
  expect([...vietnamese, ...english].filter(([, text]) => text.trim() === "")).toEqual([]);
});

test("a translation uses the same values as the original", () => {
  const holes = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();
  for (const [key, text] of vietnamese) {
    expect([key, holes(english.get(key) ?? "")]).toEqual([key, holes(text)]);
  }
});

const SPOKEN = new Set([
  "alt",
  "aria-label",
  "aria-description",
  "label",
  "placeholder",
  "title",
  "hint",
  "text",
]);

test("no component has a word of its own", () => {
  const literal = components().flatMap((file) => literals(file));
  expect(literal).toEqual([]);
});

test("the search for literal words finds them", () => {
  const file = ts.createSourceFile(
    "x.tsx",
    '<p title="Xin chào">Chào {n}</p>',
    ts.ScriptTarget.ESNext,
    true,
    ts.ScriptKind.TSX,
  );
  expect(wordsIn(file)).toEqual(["Xin chào", "Chào"]);
});

function components(): string[] {
  return readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".tsx") && !file.endsWith(".test.tsx"))
    .map((file) => join("src", file));
}

function literals(path: string): string[] {
  const source = ts.createSourceFile(
    path,
    readFileSync(path, "utf8"),
    ts.ScriptTarget.ESNext,
    true,
    ts.ScriptKind.TSX,
  );
  return wordsIn(source).map((word) => `${path}: ${word}`);
}

/** Text between tags, and strings in attributes that are read or shown, as far as they hold a letter. */
function wordsIn(node: ts.Node): string[] {
  const here = [textOf(node)].filter((text) => /\p{L}/u.test(text));
  const below: string[] = [];
  node.forEachChild((child) => {
    below.push(...wordsIn(child));
  });
  return [...here, ...below];
}

function textOf(node: ts.Node): string {
  if (ts.isJsxText(node)) {
    return node.text.trim();
  }
  if (
    ts.isJsxAttribute(node) &&
    SPOKEN.has(node.name.getText()) &&
    node.initializer &&
    ts.isStringLiteral(node.initializer)
  ) {
    return node.initializer.text;
  }
  return "";
}
