/** A person at a browser: joins a call and looks at what is on the screen. */
import type { Browser, ElementHandle, Page } from "puppeteer-core";
import { byId } from "./browser";

export class Person {
  readonly name: string;
  readonly page: Page;
  /** Addresses outside the server that the page asked for: there must be none. */
  readonly foreign: string[] = [];
  /** Faults of the page itself, caught or not: there must be none either. */
  readonly faults: string[] = [];

  private constructor(name: string, page: Page) {
    this.name = name;
    this.page = page;
  }

  /** Opens a browser profile of one's own, so that nothing is shared with the other people. */
  static async arrive(browser: Browser, name: string, server: string): Promise<Person> {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    const person = new Person(name, page);
    page.on("request", (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== new URL(server).origin && protocol.startsWith("http")) {
        person.foreign.push(request.url());
      }
    });
    page.on("pageerror", (error) => person.faults.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" && /\b(Type|Reference|Range)?Error: /.test(message.text())) {
        person.faults.push(message.text());
      }
    });
    await page.evaluateOnNewDocument(keepSockets);
    return person;
  }

  async join(server: string, room: string): Promise<this> {
    await this.page.goto(`${server}/?${new URLSearchParams({ room })}`);
    await this.page.waitForSelector(byId("join-name"));
    await this.page.type(byId("join-name"), this.name);
    await this.enter();
    return this;
  }

  async joinByToken(server: string, token: string): Promise<this> {
    await this.page.goto(`${server}/#token=${token}`);
    await this.enter();
    return this;
  }

  /** Waits for one's own preview, then goes through the door. */
  async enter(): Promise<void> {
    await this.page.waitForSelector(".preview__picture video");
    await this.page.click(byId("join-button"));
    await this.page.waitForSelector(byId("leave"));
  }

  async press(testId: string): Promise<void> {
    await this.page.click(byId(testId));
  }

  /** The tile that carries `name`, which may be somebody's screen. */
  async tile(name: string): Promise<ElementHandle<Element>> {
    const tile = await this.page.waitForSelector(`article[aria-label="${name}"]`);
    if (tile === null) {
      throw new Error(`${this.name} has no tile of ${name}`);
    }
    return tile;
  }

  /** Resolves when pictures of `name` have moved for a second of their own time. */
  async sees(name: string): Promise<void> {
    await this.page.waitForFunction(
      (label) => {
        const video = document.querySelector<HTMLVideoElement>(`article[aria-label="${label}"] video`);
        return video !== null && video.videoWidth > 0 && video.currentTime > 1;
      },
      {},
      name,
    );
  }

  /** Pictures shown of `name` so far, by the decoder's count. */
  async frames(name: string): Promise<number> {
    const tile = await this.tile(name);
    return tile.$eval("video", (video) => video.getVideoPlaybackQuality().totalVideoFrames);
  }

  async pictureWidth(name: string): Promise<number> {
    const tile = await this.tile(name);
    return tile.$eval("video", (video) => video.videoWidth);
  }

  async picturesAreWide(name: string, least: number, most: number): Promise<void> {
    await this.page.waitForFunction(
      (label, from, to) => {
        const video = document.querySelector<HTMLVideoElement>(`article[aria-label="${label}"] video`);
        return video !== null && video.videoWidth >= from && video.videoWidth <= to;
      },
      { timeout: 45_000 },
      name,
      least,
      most,
    );
  }

  /** Resolves when something louder than silence comes out of the hidden players. */
  async hears(): Promise<void> {
    await this.page.waitForFunction(() => document.querySelector("body > audio") !== null);
    await this.page.evaluate(listen);
  }

  async reads(testId: string, text: string): Promise<void> {
    await this.page.waitForFunction(
      (selector, wanted) => document.querySelector(selector)?.textContent?.includes(wanted),
      {},
      byId(testId),
      text,
    );
  }

  async waitGone(selector: string): Promise<void> {
    await this.page.waitForFunction((gone) => document.querySelector(gone) === null, {}, selector);
  }

  /** Cuts the connection to the server under the page, as a proxy that restarts would. */
  async loseSocket(): Promise<void> {
    await this.page.evaluate(() => {
      for (const socket of (window as unknown as { sockets: WebSocket[] }).sockets) {
        socket.close();
      }
    });
  }
}

function keepSockets(): void {
  const sockets: WebSocket[] = [];
  class KeptSocket extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      sockets.push(this);
    }
  }
  Object.assign(window, { sockets, WebSocket: KeptSocket });
}

/** Runs in the page. */
async function listen(): Promise<void> {
  const players = [...document.querySelectorAll("audio")];
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  for (const player of players) {
    if (player.srcObject instanceof MediaStream) {
      context.createMediaStreamSource(player.srcObject).connect(analyser);
    }
  }
  const samples = new Float32Array(analyser.fftSize);
  const loud = () => {
    analyser.getFloatTimeDomainData(samples);
    return samples.some((sample) => Math.abs(sample) > 0.01);
  };
  await new Promise<void>((resolve, reject) => {
    const giveUp = setTimeout(() => reject(new Error("nothing was heard for 20 s")), 20_000);
    const look = setInterval(() => {
      if (loud()) {
        clearTimeout(giveUp);
        clearInterval(look);
        resolve();
      }
    }, 20);
  });
  await context.close();
}
