import { expect, test } from "vitest";
import { startHardware } from "../../src/boot/hardware.ts";
import { createMemory } from "../support/memory.ts";

const release = "6.1.0-test";
const frame = new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0, 0, 0]);

test("startHardware() loads first what makes loading modules faster", () => {
  const names = ["loop", "sha256_ssse3"];
  const { system, modules } = createMemory({
    isBooted: false,
    release,
    files: {
      "lib/backstore": {
        "modules.json": JSON.stringify({
          release,
          builtin: [],
          modules: Object.fromEntries(names.map((name) => [name, {}])),
          first: ["sha256_ssse3"],
        }),
        ...Object.fromEntries(names.map((name) => [`modules/${name}.ko.zst`, frame])),
      },
    },
    proc: { cmdline: "quiet\n" },
  });
  startHardware(system, String);
  expect([...modules]).toEqual(["sha256_ssse3", "loop"]);
});
