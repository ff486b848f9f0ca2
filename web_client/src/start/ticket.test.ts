import fc from "fast-check";
import { expect, test } from "vitest";
import { invitation, roomLink } from "./ticket";

function token(claims: unknown): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;
}

test("a plain address is no invitation", () => {
  expect(invitation("", "")).toEqual({ kind: "none" });
  expect(invitation("", "#main")).toEqual({ kind: "none" });
});

test("a link to a room brings its name through, whatever letters it has", () => {
  const { search } = new URL(roomLink("https://hoichan.vn", "Hội chẩn tim & phổi"));
  expect(invitation(search, "")).toEqual({ kind: "room", room: "Hội chẩn tim & phổi" });
});

test("a token tells name and room", () => {
  const personal = token({ sub: "gia", name: "BS Giàng A Páo", video: { room: "tim" } });
  expect(invitation("?room=other", `#token=${personal}`)).toEqual({
    kind: "ticket",
    ticket: { kind: "invited", token: personal, name: "BS Giàng A Páo", room: "tim" },
  });
});

test("without a name the identity stands in", () => {
  const found = invitation("", `#token=${token({ sub: "gia", video: { room: "tim" } })}`);
  expect(found).toMatchObject({ ticket: { name: "gia" } });
});

test("whatever is not a token with a name and a room is a broken link, never an error", () => {
  for (const bad of [
    "",
    "x",
    "a.b.c",
    token(null),
    token([]),
    token({ sub: "a" }),
    token({ sub: 7, video: { room: "r" } }),
  ]) {
    expect(invitation("", `#token=${bad}`)).toEqual({ kind: "broken" });
  }
  fc.assert(
    fc.property(fc.string(), (noise) => {
      expect(invitation("", `#token=${encodeURIComponent(noise)}`).kind).toBe("broken");
    }),
  );
});
