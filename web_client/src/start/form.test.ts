import fc from "fast-check";
import { expect, test } from "vitest";
import { check, isValid, suggestRoom, tidy } from "./form";

test.each([
  ["", "nameMissing"],
  ["   ", "nameMissing"],
  ["BS Nguyễn Thị Lan – Trạm y tế Sín Chải", null],
  ["a".repeat(60), null],
  ["a".repeat(61), "nameLong"],
])("the name %j gives %j", (name, error) => {
  expect(check({ name, room: "phong" }).name).toBe(error);
});

test.each([
  ["", "roomShort"],
  ["ab", "roomShort"],
  ["Hội chẩn tim 23.11", null],
  ["phong-abcd-2345", null],
  ["phòng/1", "roomCharacters"],
  ["<b>", "roomCharacters"],
  ["x".repeat(65), "roomLong"],
])("the room %j gives %j", (room, error) => {
  expect(check({ name: "Lan", room }).room).toBe(error);
});

test("two keyboards that write the same Vietnamese name write the same name", () => {
  expect(tidy("Hội  chẩn ".normalize("NFD"))).toBe("Hội chẩn".normalize("NFC"));
});

test("every suggested room is one the form accepts", () => {
  fc.assert(
    fc.property(
      fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
      (numbers) => {
        const room = suggestRoom(() => numbers.next().value ?? 0);
        expect(room).toMatch(/^phong-[a-z2-9]{4}-[a-z2-9]{4}$/);
        expect(isValid(check({ name: "Lan", room }))).toBe(true);
      },
    ),
  );
});
