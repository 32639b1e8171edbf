// The identity of the machine, according to its firmware.
import { describe, expect, test } from "vitest";
import { inspectMachine } from "../../../src/system/stores/inspect-machine.ts";
import { createMemory, type Machine } from "../../support/memory.ts";

const bootId = "7f3f4b5e-0a55-4f0c-9f55-6a1f0c2d3e4f";
const proc = { "sys/kernel/random/boot_id": `${bootId}\n` };

describe("inspectMachine()", () => {
  const cases: readonly (readonly [is: string, machine: Machine, name: RegExp | undefined])[] = [
    [
      "a PC by its BIOS",
      {
        sys: {
          "class/dmi/id": {
            sys_vendor: "ACME\n",
            product_name: "Box 3\n",
            product_uuid: "1-2-3\n",
          },
        },
      },
      /^ACME Box 3 \[[0-9a-f]{8}\]$/,
    ],
    [
      "a board by its device tree",
      { proc: { "device-tree/model": "Board 4\0", "device-tree/serial-number": "99\0" } },
      /^Board 4 \[[0-9a-f]{8}\]$/,
    ],
    ["nothing of a machine that says nothing", {}, undefined],
  ];
  for (const [is, given, name] of cases)
    test(`inspectMachine() names ${is}`, () => {
      const { system } = createMemory({ ...given, proc: { ...proc, ...given.proc } });
      const { boot, machine } = inspectMachine(system);
      expect(boot).toBe(bootId);
      if (name === undefined) expect(machine).toBe(undefined);
      else expect(machine).toMatch(name);
    });

  test("inspectMachine() knows no boot without its id", () => {
    expect(inspectMachine(createMemory({}).system)).toEqual({
      boot: undefined,
      machine: undefined,
    });
  });
});
