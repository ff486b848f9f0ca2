import { act, cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { startTranslation } from "../i18n";
import { DEFAULTS } from "../settings/preferences";
import { prefer } from "../settings/store";
import { CallPage } from "./CallPage";
import { StagedSession } from "./staged";
import { person } from "./story";

beforeAll(() => {
  startTranslation("vi");
  // jsdom lays nothing out, so it has neither of these.
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      disconnect() {}
    },
  );
  // New browsers return a promise here, which an effect must not return.
  Element.prototype.scrollIntoView = () => Promise.resolve();
});

beforeEach(() => prefer(DEFAULTS));
afterEach(cleanup);

function enter(...others: string[]) {
  const session = new StagedSession(...others);
  const onOver = vi.fn();
  render(<CallPage session={session} onOver={onOver} />);
  return { session, onOver, user: userEvent.setup() };
}

test("everybody in the room has a picture with a name and a link in words", () => {
  enter("Lan", "Páo");
  expect(screen.getByTestId("tile-Lan")).toBeTruthy();
  expect(within(screen.getByTestId("quality-Lan")).getByText("Đường truyền: Khá")).toBeTruthy();
  expect(screen.getByText("Người tham gia: 3")).toBeTruthy();
});

test("a picture that the link does not carry says so until it is back", () => {
  const { session } = enter("Lan");
  const lan = (starved: readonly ("camera" | "screen")[]) =>
    act(() =>
      session.happens({
        kind: "personChanged",
        person: person("Lan", { camera: "TR_1", screen: "TR_2", starved }),
      }),
    );
  lan(["camera"]);
  const notice = within(screen.getByTestId("tile-Lan")).getByRole("status");
  expect(notice.textContent).toBe("Đường truyền của bạn yếu: tạm dừng hình này, tiếng vẫn nghe được");
  expect(within(screen.getByTestId("screen-Lan")).queryByRole("status")).toBeNull();
  lan([]);
  expect(screen.queryByTestId("starved-camera-Lan")).toBeNull();
});

test("a picture that its owner has turned off starves nobody", () => {
  const { session } = enter("Lan");
  act(() => session.happens({ kind: "personChanged", person: person("Lan", { starved: ["camera"] }) }));
  expect(screen.queryByTestId("starved-camera-Lan")).toBeNull();
});

test("the first one in sees the link to send, until somebody comes", () => {
  const { session } = enter();
  expect(screen.getByTestId("invite").textContent).toContain("/?room=phong-thu");
  act(() => session.happens({ kind: "personChanged", person: person("Lan") }));
  expect(screen.queryByTestId("invite")).toBeNull();
});

test("a screen reader hears who comes", () => {
  const { session } = enter();
  act(() => session.happens({ kind: "personChanged", person: person("Lan") }));
  expect(screen.getByTestId("announcer").textContent).toBe("Lan đã vào phòng");
});

test("the microphone is opened by its button and by its key, and waits while it opens", async () => {
  const { session, user } = enter("Lan");
  const button = screen.getByRole("button", { name: "Bật micro" });
  expect(button.getAttribute("aria-keyshortcuts")).toBe("M");
  await user.click(button);
  expect(session.asked).toEqual([{ kind: "setSource", source: "microphone", on: true }]);
  expect(button.getAttribute("aria-busy")).toBe("true");
  act(() => {
    session.happens({ kind: "personChanged", person: person("me", { microphone: true }) });
    session.happens({ kind: "sourceSettled", source: "microphone", problem: null });
  });
  await user.keyboard("m");
  expect(session.asked.at(-1)).toEqual({ kind: "setSource", source: "microphone", on: false });
});

test("shortcuts can be turned off", async () => {
  prefer({ shortcuts: false });
  const { session, user } = enter("Lan");
  await user.keyboard("m");
  expect(session.asked).toEqual([]);
  expect(screen.getByTestId("toggle-mic").getAttribute("aria-keyshortcuts")).toBeNull();
});

test("a message written with m and v in it is sent by Enter, and mutes nobody", async () => {
  const { session, user } = enter("Lan");
  await user.click(screen.getByTestId("chat-open"));
  await user.type(screen.getByTestId("chat-input"), "mạch 110, vã mồ hôi{Enter}");
  expect(session.asked).toMatchObject([{ kind: "sendText", text: "mạch 110, vã mồ hôi" }]);
  expect(screen.getByTestId("chat-message").textContent).toContain("Đang gửi…");
});

test("messages that come while the chat is closed are counted on its button", () => {
  const { session } = enter("Lan");
  const message = { id: "1", from: "Lan", text: "SpO2 92%", sentAtMs: 0 };
  act(() => session.happens({ kind: "messageReceived", message }));
  expect(screen.getByTestId("chat-open-badge").textContent).toBe("1");
  expect(screen.getByRole("button", { name: "Nhắn tin, 1 tin chưa đọc" })).toBeTruthy();
});

test("Escape closes the chat and gives the focus back to its button", async () => {
  const { user } = enter("Lan");
  await user.click(screen.getByTestId("chat-open"));
  await user.keyboard("{Escape}");
  expect(screen.queryByTestId("panel-chat")).toBeNull();
  expect(document.activeElement).toBe(screen.getByTestId("chat-open"));
});

test("a raised hand and another view change places on the screen, and move no video in the document", async () => {
  const { session, user } = enter("Lan", "Páo");
  const before = screen.getAllByRole("article");
  const places = () => screen.getAllByRole("article").map((tile) => tile.style.order);
  const first = places();
  act(() =>
    session.happens({
      kind: "personChanged",
      person: person("Páo", { handRaisedAt: "2026-11-23T08:00:01Z" }),
    }),
  );
  expect(places()).not.toEqual(first);
  await user.click(screen.getByTestId("view-speaker"));
  const after = screen.getAllByRole("article");
  expect(after.length).toBe(3);
  after.forEach((tile, index) => {
    expect(tile).toBe(before[index]);
  });
});

test("a lost link says how long the seat is kept", () => {
  const { session } = enter("Lan");
  act(() => session.happens({ kind: "mediaLost" }));
  expect(screen.getByTestId("media-lost").textContent).toContain("Chỗ của bạn được giữ trong 30 giây");
  act(() => session.happens({ kind: "linkBack" }));
  expect(screen.queryByTestId("media-lost")).toBeNull();
});

test("whoever sends a picture over a weak link is shown how to keep the sound", async () => {
  const { session, user } = enter("Lan");
  act(() =>
    session.happens({ kind: "personChanged", person: person("me", { quality: "poor", camera: "TR_1" }) }),
  );
  await user.click(within(screen.getByTestId("weak-link")).getByRole("button", { name: "Tắt camera" }));
  expect(session.asked).toEqual([{ kind: "setSource", source: "camera", on: false }]);
});

test("every control of the call has a name", () => {
  enter("Lan");
  for (const button of screen.getAllByRole("button")) {
    expect(button.getAttribute("aria-label") || button.textContent).toBeTruthy();
  }
});

test("the page speaks English when asked", () => {
  enter("Lan");
  act(() => startTranslation("en"));
  expect(screen.getByRole("button", { name: "Unmute microphone" })).toBeTruthy();
  act(() => startTranslation("vi"));
});

test("when the server ends the call, the reason is passed on", () => {
  const { session, onOver } = enter("Lan");
  act(() => session.happens({ kind: "ended", reason: "removed" }));
  expect(onOver).toHaveBeenCalledExactlyOnceWith("removed");
});
