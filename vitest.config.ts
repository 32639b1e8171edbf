import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/global-setup.ts"],
    // Real tools on a busy machine: a limit is there to end what hangs, not to measure.
    testTimeout: 60_000,
  },
});
