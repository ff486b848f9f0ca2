import { expect, test } from "vitest";
import { SHORTCUTS, shortcut } from "./shortcuts";

const press = (key: string, change = {}) => ({ key, withModifier: false, writing: false, ...change });

test("M mutes, capital or not", () => {
  expect(shortcut(press("m"), "grid")).toEqual({ kind: "toggleSource", source: "microphone" });
  expect(shortcut(press("M"), "grid")).toEqual({ kind: "toggleSource", source: "microphone" });
});

test("G goes to the other view", () => {
  expect(shortcut(press("g"), "grid")).toEqual({ kind: "chooseView", view: "speaker" });
  expect(shortcut(press("g"), "speaker")).toEqual({ kind: "chooseView", view: "grid" });
});

test("letters written in the chat, and the browser's own Ctrl + keys, are left alone", () => {
  for (const key of Object.values(SHORTCUTS)) {
    expect(shortcut(press(key, { writing: true }), "grid")).toBeNull();
    expect(shortcut(press(key, { withModifier: true }), "grid")).toBeNull();
  }
});

test("no two controls share a key, and every key does something", () => {
  const keys = Object.values(SHORTCUTS);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.map((key) => shortcut(press(key), "grid"))).not.toContain(null);
  expect(shortcut(press("q"), "grid")).toBeNull();
});
