import { defineConfig } from "vitest/config";

/** Real browsers take their time, and there are two cores: one file, one test at a time. */
export default defineConfig({
  test: {
    include: ["e2e/**/*.test.ts"],
    environment: "node",
    testTimeout: 90_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    sequence: { concurrent: false },
  },
});
