// A place for mounts below a directory in which others may rename.
import { expect, test } from "vitest";
import { withLookingPlace } from "../../../src/system/looking/looking-place.ts";
import { createMemory } from "../../support/memory.ts";

test("withLookingPlace() gives what it made, whatever has its name by then", () => {
  const { system } = createMemory({ files: { tmp: {}, etc: {} } });
  withLookingPlace(system, (at) => {
    const [name = ""] = system.list("/tmp");
    system.rename(`/tmp/${name}`, "/tmp/away");
    system.makeLink(`/tmp/${name}`, "/etc");
    system.makeDirectory(`${at}/host`, 0o755);
    expect([system.list("/etc"), system.list("/tmp/away")]).toEqual([[], ["host"]]);
  });
  expect([system.list("/etc"), system.list("/tmp/away")]).toEqual([[], []]);
});

test("withLookingPlace() leaves nothing", () => {
  const { system } = createMemory({ files: { tmp: {} } });
  withLookingPlace(system, (at) => system.makeDirectory(`${at}/host`, 0o755));
  expect(system.list("/tmp")).toEqual([]);
});
