// A boot and "explain" report the same about a machine, whatever it is: machines in memory are
// explained, then booted, and the two objects are compared.

import fc from "fast-check";
import { expect, test } from "vitest";
import { headOf, renderJson } from "../../../src/report/json.ts";
import { discoverDevices } from "../../../src/system/devices/discover-devices.ts";
import { explainBoot, withLooks } from "../../../src/system/session/explain-boot.ts";
import { start } from "../../boot/start.ts";
import { type MachineOf, machine, makeMachine } from "../../support/generated-disks.ts";
import { createMemory } from "../../support/memory.ts";

const version = "1.2.3";

function explain(given: MachineOf): { readonly session: string } {
  const { system } = createMemory(makeMachine(given));
  const explanation = withLooks(system, (looks) =>
    explainBoot(system, {
      devices: discoverDevices(system),
      commandLine: given.cmdline,
      yaml: undefined,
      overlayParameters: given.parameters,
      looks,
      version,
    }),
  );
  return JSON.parse(renderJson(explanation));
}

/** Returns the report of a boot, without what only a real one can know. */
function boot(given: MachineOf): unknown {
  const { verdict } = start(given.cmdline, makeMachine(given));
  const { check, failures, modules, mounted, times, room, ballast, peakBytes, ...explanation } =
    verdict as Record<string, unknown>;
  return explanation;
}

/** Only a boot knows a store's new id, and times; the record has another size with them. */
function comparable(explanation: unknown): unknown {
  const text = JSON.stringify(explanation)
    .replaceAll("8a4be3d2", "made at boot")
    .replaceAll(/20\d\d-\d\d-\d\dT[\d:.]+Z/g, "at boot")
    .replaceAll(/(\\"phases\\": )\{[^}]*\}/g, "$1{}")
    .replaceAll(/(backstore\.json\\") \(\d+ B\)/g, "$1");
  return JSON.parse(text);
}

test("explainBoot() says of a machine what a boot says that happens", { timeout: 120_000 }, () => {
  const met = new Set<unknown>();
  fc.assert(
    fc.property(machine, (given) => {
      const explained = explain(given);
      expect(comparable(boot(given))).toEqual(
        comparable({ ...headOf(version), version, ...explained }),
      );
      met.add(explained.session);
    }),
    { numRuns: 100 },
  );
  expect([...met]).toEqual(expect.arrayContaining(["persistent", "volatile"]));
});
