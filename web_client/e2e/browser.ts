/** Chromium as a clinic has it, except that camera and microphone are Chromium's own test pattern. */
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import puppeteer, { type Browser, type Page } from "puppeteer-core";

const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-fake-device-for-media-stream",
  "--auto-accept-this-tab-capture",
  "--autoplay-policy=no-user-gesture-required",
  "--mute-audio",
];

export const ARTIFACTS = resolve(import.meta.dirname, "../../artifacts/web_client");

/** Says yes to every question for a camera, a microphone or a screen. */
const OBLIGING = "--use-fake-ui-for-media-stream";

export function launch(permission: "granted" | "asked" = "granted"): Promise<Browser> {
  return puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: permission === "granted" ? [...FLAGS, OBLIGING] : FLAGS,
    defaultViewport: { width: 1280, height: 800 },
  });
}

export function byId(testId: string): string {
  return `[data-testid="${testId}"]`;
}

export async function screenshot(page: Page, name: string): Promise<void> {
  await mkdir(ARTIFACTS, { recursive: true });
  await page.screenshot({ path: `${ARTIFACTS}/${name}.png` });
}

/** Whether anything is cut off or must be scrolled sideways. */
export function overflowsSideways(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
}
