import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { startTranslation } from "../i18n";
import { ErrorBoundary } from "./ErrorBoundary";

beforeAll(() => startTranslation("vi"));
afterEach(cleanup);

function Faulty(): never {
  throw new Error("a fault while drawing");
}

test("a fault while drawing leaves a page that offers a way on", () => {
  const report = vi.spyOn(console, "error").mockImplementation(() => {});
  render(
    <ErrorBoundary>
      <Faulty />
    </ErrorBoundary>,
  );
  expect(screen.getByRole("button", { name: "Tải lại trang" })).toBeTruthy();
  report.mockRestore();
});
