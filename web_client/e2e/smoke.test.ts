/** The built client, without a server behind it: does it look right, speak both languages, and stay home? */
import { readdir, readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Browser, Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { byId, launch, overflowsSideways, screenshot } from "./browser";
import { type Serving, serve } from "./fileServer";

let browser: Browser;
let site: Serving;
let page: Page;
let foreign: string[];
let complaints: string[];

beforeAll(async () => {
  site = await serve(resolve(import.meta.dirname, "../dist"));
  browser = await launch();
});

afterAll(async () => {
  await browser.close();
  await site.close();
});

beforeEach(async () => {
  const context = await browser.createBrowserContext();
  page = await context.newPage();
  foreign = [];
  complaints = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(site.url) && !request.url().startsWith("blob:")) {
      foreign.push(request.url());
    }
  });
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
});

afterEach(async () => {
  await page.browserContext().close();
});

async function open(path = "/"): Promise<void> {
  await page.goto(site.url + path);
  await page.waitForSelector(byId("join-button"));
}

async function cameraShows(): Promise<void> {
  await page.waitForFunction(() => (document.querySelector("video")?.videoWidth ?? 0) > 0);
}

test("the start page greets in Vietnamese, shows the camera and asks nobody outside", async () => {
  await open();
  await cameraShows();
  await page.waitForFunction(() => (document.querySelector("meter")?.value ?? 0) > 0.1);
  await screenshot(page, "start-vi");
  expect(await page.$eval("html", (root) => root.lang)).toBe("vi");
  expect(await page.$eval("h1", (heading) => heading.textContent)).toBe("Hội chẩn");
  expect(foreign).toEqual([]);
  expect(complaints).toEqual([]);
});

test("the English switch is remembered after a reload", async () => {
  await open();
  await page.click(byId("language-en"));
  await page.reload();
  await page.waitForSelector(byId("join-button"));
  await cameraShows();
  await screenshot(page, "start-en");
  expect(await page.$eval("html", (root) => root.lang)).toBe("en");
  expect(await page.$eval(byId("join-button"), (button) => button.textContent)).toBe("Join");
});

test.each([
  { name: "phone", width: 360, height: 740, size: "100" },
  { name: "phone-large-text", width: 360, height: 740, size: "200" },
  { name: "desktop-large-text", width: 1280, height: 800, size: "200" },
])(
  "everything can be reached on a $name without scrolling sideways",
  async ({ name, width, height, size }) => {
    await page.setViewport({ width, height });
    await open();
    await cameraShows();
    await page.select(byId("text-size"), size);
    expect(await page.$eval("html", (root) => root.style.fontSize)).toBe(`${size}%`);
    expect(await overflowsSideways(page)).toBe(false);
    await page.evaluate(() => window.scrollTo(0, 0));
    await screenshot(page, `start-${name}`);
    await page.click(byId("join-button"));
    await page.waitForSelector(`${byId("join-name")}[aria-invalid="true"]`);
    await screenshot(page, `start-${name}-form`);
    expect(await page.evaluate(() => document.activeElement?.getAttribute("data-testid"))).toBe("join-name");
  },
);

test("a server that hands out no tickets is explained", async () => {
  await open();
  await page.type(byId("join-name"), "BS Lan – Trạm y tế Sín Chải");
  await page.click(byId("join-button"));
  await page.waitForSelector(byId("join-failure"));
  expect(await page.$eval(byId("join-failure"), (notice) => notice.textContent)).toContain("liên kết mời");
});

test("a personal link fills in name and room, and its token leaves the address bar", async () => {
  const claims = { sub: "gia", name: "BS Giàng A Páo", video: { room: "Hội chẩn tim" } };
  const payload = Buffer.from(JSON.stringify(claims)).toString("base64url");
  await open(`/#token=e30.${payload}.c2ln`);
  expect(page.url()).toBe(`${site.url}/`);
  const text = await page.$eval(byId("invited"), (element) => element.textContent);
  expect(text).toContain("BS Giàng A Páo");
  expect(text).toContain("Hội chẩn tim");
});

test("a blocked camera is explained, and one may join without it", async () => {
  const strict = await launch("asked");
  onTestFinished(() => strict.close());
  await strict.defaultBrowserContext().overridePermissions(site.url, []); // Whatever is not listed is denied.
  const denied = await strict.newPage();
  await denied.goto(site.url);
  await denied.waitForSelector(byId("problem-both"));
  await screenshot(denied, "start-denied");
  expect(await denied.$eval(byId("problem-both"), (notice) => notice.textContent)).toContain("ổ khóa");
  expect(await denied.$eval(byId("join-button"), (button) => button.hasAttribute("disabled"))).toBe(false);
});

/** Each is younger than Chrome 109, and would stop the page there without a word. */
const TOO_YOUNG = [
  ".toSorted(",
  ".toReversed(",
  ".toSpliced(",
  "Object.groupBy",
  "Map.groupBy",
  "Promise.withResolvers",
  "Promise.try",
  "Array.fromAsync",
  "AbortSignal.any",
  "URL.canParse",
  ".isWellFormed(",
  ".isSubsetOf(",
];

test("the bundle calls nothing that Chrome 109 lacks, and nests no styles", async () => {
  const assets = resolve(import.meta.dirname, "../dist/assets");
  const files = await readdir(assets);
  for (const file of files) {
    const text = await readFile(resolve(assets, file), "utf8");
    expect([file, TOO_YOUNG.filter((name) => text.includes(name))]).toEqual([file, []]);
    expect(file.endsWith(".css") && text.includes("&")).toBe(false);
  }
  expect(files.length).toBeGreaterThan(1);
});
