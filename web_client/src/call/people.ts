/** How the people in a call come, change and go. */
import { type Said, say } from "./announcement";
import type { Live } from "./live";
import type { People, Person } from "./model";
import { heard, without } from "./spotlight";
import { tileKeys } from "./tiles";

/** Replaces everybody at once: after joining, and after a restart of the whole connection. */
export function assembled(live: Live, everybody: readonly Person[]): Live {
  return { ...live, people: new Map(everybody.map((person) => [person.identity, person])) };
}

export function withPerson(live: Live, person: Person): Live {
  const before = live.people.get(person.identity);
  const people = new Map(live.people).set(person.identity, person);
  const after = { ...live, people, pinned: stillThere(live.pinned, people) };
  const said = news(before, person);
  return said === null ? after : say(after, said);
}

export function withoutPerson(live: Live, identity: string): Live {
  const person = live.people.get(identity);
  if (person === undefined) {
    return live;
  }
  const people = new Map(live.people);
  people.delete(identity);
  const after: Live = {
    ...live,
    people,
    speaking: live.speaking.filter((speaker) => speaker !== identity),
    spotlight: without(live.spotlight, identity),
    pinned: stillThere(live.pinned, people),
  };
  return say(after, { key: "left", name: person.name });
}

/** `identities` speak now, loudest first. One's own voice never takes the large picture. */
export function spoke(live: Live, nowMs: number, identities: readonly string[]): Live {
  const loudest = identities.find((identity) => live.people.get(identity)?.isLocal === false);
  return { ...live, speaking: identities, spotlight: heard(live.spotlight, nowMs, loudest ?? null) };
}

function stillThere(pinned: string | null, people: People): string | null {
  return pinned !== null && tileKeys(people).includes(pinned) ? pinned : null;
}

/** The one thing worth saying about a change; one's own doings are not news. */
function news(before: Person | undefined, after: Person): Said | null {
  if (after.isLocal) {
    return null;
  }
  const { name } = after;
  if (before === undefined) {
    return { key: "joined", name };
  }
  if ((before.handRaisedAt === null) !== (after.handRaisedAt === null)) {
    return { key: after.handRaisedAt === null ? "handDown" : "handUp", name };
  }
  if ((before.screen === null) !== (after.screen === null)) {
    return { key: after.screen === null ? "screenOff" : "screenOn", name };
  }
  return null;
}
