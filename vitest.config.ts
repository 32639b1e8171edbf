import { defineConfig } from "vitest/config";
import { reworded } from "./test/support/reworded.ts";

export default defineConfig({
  plugins: [reworded()],
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/global-setup.ts"],
    // Real tools on a busy machine: a limit is there to end what hangs, not to measure.
    testTimeout: 60_000,
  },
});
