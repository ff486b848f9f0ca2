import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** The server a developer's `npm run dev` talks to. */
const SERVER = "http://127.0.0.1:7880";

export default defineConfig({
  plugins: [react()],
  css: { transformer: "lightningcss" },
  build: {
    // The newest Chrome for Windows 7 and 8.1, still common in commune stations.
    target: "chrome109",
    cssTarget: "chrome109",
    // Nothing is inlined, so a strict Content-Security-Policy needs no exception for data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  server: {
    proxy: {
      "/rtc": { target: SERVER, ws: true },
      "/api": SERVER,
    },
  },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "jsdom", globals: false },
});
