/** What lets a person into a room: a name for which a token is asked, or a token that came by link. */
export type Ticket =
  | { readonly kind: "named"; readonly name: string; readonly room: string }
  | { readonly kind: "invited"; readonly name: string; readonly room: string; readonly token: string };

export type Invitation =
  | { readonly kind: "none" }
  /** A link that names a room only. */
  | { readonly kind: "room"; readonly room: string }
  | { readonly kind: "ticket"; readonly ticket: Ticket & { kind: "invited" } }
  | { readonly kind: "broken" };

/**
 * Reads `?room=…` and `#token=…` of an address.
 *
 * A token stands in the fragment because browsers never send that to a server or a log. Its claims are
 * read for display only; the server alone decides what they are worth.
 */
export function invitation(search: string, fragment: string): Invitation {
  const token = new URLSearchParams(fragment.replace(/^#/, "")).get("token");
  if (token === null) {
    const room = new URLSearchParams(search).get("room");
    return room === null ? { kind: "none" } : { kind: "room", room };
  }
  const claims = readClaims(token);
  if (claims === null) {
    return { kind: "broken" };
  }
  return { kind: "ticket", ticket: { kind: "invited", token, ...claims } };
}

/** The link that brings another person to the same room, without anybody's token. */
export function roomLink(origin: string, room: string): string {
  return `${origin}/?${new URLSearchParams({ room }).toString()}`;
}

function readClaims(token: string): { name: string; room: string } | null {
  const payload: unknown = decode(token.split(".")[1] ?? "");
  const sub = field(payload, "sub");
  const room = field(field(payload, "video"), "room");
  const name = field(payload, "name") || sub;
  return typeof name === "string" && name !== "" && typeof room === "string" ? { name, room } : null;
}

function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

/** Base64url of UTF-8 JSON (RFC 7515 §2); `undefined` for anything else. */
function decode(part: string): unknown {
  try {
    const bytes = Uint8Array.from(atob(part.replace(/-/g, "+").replace(/_/g, "/")), (char) =>
      char.charCodeAt(0),
    );
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
