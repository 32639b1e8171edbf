// What a copy does where something else is read from it than was written.
import { expect, test } from "vitest";
import { copyChanges } from "../../../src/system/exchange/import-changes.ts";
import { createMemory } from "../../support/memory.ts";

function copyWith(isSameContent: () => boolean) {
  const { system } = createMemory({ files: { upper: { etc: { motd: "text" } }, store: {} } });
  const changed: string[] = [];
  const run = () =>
    copyChanges(
      { ...system, isSameContent },
      {
        ...{ root: "/upper", parts: [{ from: "", to: "", format: "overlay" }], store: "/store" },
        heard: {
          tellLeftOut: () => {},
          tellLost: () => {},
          tellChanged: (path) => changed.push(path),
          progress: () => {},
        },
      },
    );
  return { system, changed, run };
}

test("copyChanges() keeps a copy that is what was copied", () => {
  const { system, changed, run } = copyWith(() => true);
  expect(run().entries).toBe(3);
  expect(changed).toEqual([]);
  expect(system.list("/store")).toEqual(["upperdir"]);
});

test("copyChanges() keeps none in which a file has another content", () => {
  const { system, run } = copyWith(() => false);
  expect(run).toThrow('Cannot keep the copy: "/etc/motd" is not what was copied');
  expect(system.list("/store")).toEqual([]);
});

test("copyChanges() names a file that somebody wrote to", () => {
  const { system, changed, run } = copyWith(() => {
    system.truncate("/upper/etc/motd", 1);
    return false;
  });
  run();
  expect(changed).toEqual(["/etc/motd"]);
});
