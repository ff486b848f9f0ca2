/** Real calls between real browsers through a real server, whose address is in SERVER_URL. */
import type { Browser } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { byId, launch, screenshot } from "./browser";
import { Person } from "./person";

const server = process.env.SERVER_URL?.replace(/\/$/, "") ?? "";
if (server === "") {
  throw new Error(
    "SERVER_URL is not set: start `hoichan serve --dev`, then SERVER_URL=http://localhost:7880 npm run e2e",
  );
}

let browser: Browser;
let people: Person[] = [];
let rooms = 0;

beforeAll(async () => {
  browser = await launch();
});

afterAll(() => browser.close());

afterEach(async () => {
  const outside = people.flatMap((person) => person.foreign);
  const faults = people.flatMap((person) => person.faults);
  await Promise.all(people.map((person) => person.page.browserContext().close()));
  people = [];
  expect(outside).toEqual([]);
  expect(faults).toEqual([]);
});

function newRoom(): string {
  rooms += 1;
  return `e2e-${process.pid}-${rooms}`;
}

async function arrive(name: string): Promise<Person> {
  const person = await Person.arrive(browser, name, server);
  people.push(person);
  return person;
}

/** People in one room, each of whom sees every other. */
async function call(...names: readonly string[]): Promise<Person[]> {
  const room = newRoom();
  for (const name of names) {
    await (await arrive(name)).join(server, room);
  }
  const here = people.slice(-names.length);
  for (const person of here) {
    for (const other of names.filter((name) => name !== person.name)) {
      await person.sees(other);
    }
  }
  return here;
}

async function pair(): Promise<[Person, Person]> {
  const [lan, minh] = await call("BS Lan", "PGS Minh");
  if (lan === undefined || minh === undefined) {
    throw new Error("two people were called");
  }
  return [lan, minh];
}

test("two people see and hear each other", async () => {
  const [lan, minh] = await pair();
  await lan.hears();
  await minh.hears();
  const before = await lan.frames("PGS Minh");
  await lan.page.waitForFunction(
    (count) => {
      const video = document.querySelector<HTMLVideoElement>('article[aria-label="PGS Minh"] video');
      return (video?.getVideoPlaybackQuality().totalVideoFrames ?? 0) > count + 20;
    },
    {},
    before,
  );
  await screenshot(lan.page, "call-two");
});

test("what one mutes, the other sees as muted", async () => {
  const [lan, minh] = await pair();
  await lan.press("toggle-mic");
  await minh.page.waitForSelector('article[aria-label="BS Lan"] .mark--microphoneOff');
  await lan.press("toggle-camera");
  await minh.page.waitForSelector('article[aria-label="BS Lan"] .tile__initials');
  await lan.press("toggle-camera");
  await minh.sees("BS Lan");
  await lan.press("toggle-mic");
  await minh.waitGone('article[aria-label="BS Lan"] .mark--microphoneOff');
});

test("a message arrives, is counted while the chat is closed, and is answered", async () => {
  const [lan, minh] = await pair();
  await lan.press("chat-open");
  await lan.page.type(byId("chat-input"), "Mạch 110, huyết áp 90/60");
  await lan.page.keyboard.press("Enter");
  await minh.reads("chat-open-badge", "1");
  await minh.press("chat-open");
  await minh.reads("chat-message", "Mạch 110, huyết áp 90/60");
  await minh.page.type(byId("chat-input"), "Cho thở oxy 3 lít");
  await minh.page.keyboard.press("Enter");
  await lan.page.waitForFunction(
    (selector) =>
      [...document.querySelectorAll(selector)].some((item) => item.textContent?.includes("oxy 3 lít")),
    {},
    byId("chat-message"),
  );
  await screenshot(minh.page, "call-chat");
});

test("hands are shown to everybody in the order they went up", async () => {
  const [lan, minh, ha] = await call("BS Lan", "PGS Minh", "Thư ký Hà");
  await minh?.press("hand");
  await lan?.reads("hands", "PGS Minh");
  await lan?.press("hand");
  await ha?.reads("hands", "PGS MinhBS Lan");
  await minh?.press("hand");
  await ha?.page.waitForFunction(
    (selector) => document.querySelector(selector)?.textContent === "BS Lan",
    {},
    byId("hands"),
  );
});

test("a shared screen is shown large, until it stops", async () => {
  const [lan, minh] = await pair();
  await lan.press("toggle-screen");
  await minh.sees("Màn hình của BS Lan");
  await minh.page.waitForSelector(".tile--large video.picture--whole");
  await screenshot(minh.page, "call-screen");
  await lan.press("toggle-screen");
  await minh.waitGone('article[aria-label="Màn hình của BS Lan"]');
});

test("a small picture comes in few pixels, a large one in many", async () => {
  const [lan, minh] = await pair();
  await minh.page.setViewport({ width: 360, height: 480 });
  await minh.picturesAreWide("BS Lan", 1, 640);
  const small = await minh.pictureWidth("BS Lan");
  await minh.page.setViewport({ width: 1600, height: 1000 });
  const pin = await (await minh.tile("BS Lan")).$("button");
  await pin?.click();
  await minh.picturesAreWide("BS Lan", 1280, 1280);
  expect(small).toBeLessThan(1280);
  await lan.sees("PGS Minh");
});

test("when the server's socket breaks the call goes on, and comes back by itself", async () => {
  const [lan, minh] = await pair();
  await lan.loseSocket();
  await lan.page.waitForSelector(byId("signal-lost"));
  const before = await lan.frames("PGS Minh");
  await screenshot(lan.page, "call-signal-lost");
  await lan.waitGone(byId("signal-lost"));
  expect(await lan.frames("PGS Minh")).toBeGreaterThan(before);
  expect(await lan.page.$(byId("media-lost"))).toBeNull();
  await lan.press("hand");
  await minh.reads("hands", "BS Lan");
});

test("the same person on a second device takes the seat, and the first is told why", async () => {
  const response = await fetch(`${server}/api/dev/token`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ room: newRoom(), name: "BS Lan" }),
  });
  const { token } = (await response.json()) as { token: string };
  const first = await (await arrive("BS Lan")).joinByToken(server, token);
  const second = await (await arrive("BS Lan")).joinByToken(server, token);
  await first.page.waitForSelector(byId("left-replaced"));
  await screenshot(first.page, "left-replaced");
  expect(await second.page.$(byId("leave"))).not.toBeNull();
});

test("who leaves is gone for the others, and can come back", async () => {
  const [lan, minh] = await pair();
  await lan.press("leave");
  await lan.page.waitForSelector(byId("left-left"));
  await minh.waitGone('article[aria-label="BS Lan"]');
  await screenshot(lan.page, "left");
  await lan.press("rejoin");
  await minh.tile("BS Lan");
  await lan.sees("PGS Minh");
});

test("four people share one room, in both views and on a phone", async () => {
  const [lan] = await call("BS Lan", "PGS Minh", "Thư ký Hà", "BS Giàng A Páo");
  if (lan === undefined) {
    throw new Error("four people were called");
  }
  await screenshot(lan.page, "call-four-grid");
  await lan.press("view-speaker");
  await lan.page.waitForSelector(".tile--large video");
  await screenshot(lan.page, "call-four-speaker");
  await lan.page.setViewport({ width: 360, height: 740 });
  await screenshot(lan.page, "call-four-phone");
});
