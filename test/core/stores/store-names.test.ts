import { describe, expect, test } from "vitest";
import { directoryOf, joinPath, namesBeside } from "../../../src/core/stores/store-names.ts";

test("namesBeside() names all that may lie beside a store after it", () => {
  expect(namesBeside("/mnt/usb/sysrcd.bs")).toEqual({
    temporary: "/mnt/usb/sysrcd.bs.backstore-new",
    intent: "/mnt/usb/sysrcd.bs.backstore-intent",
    changes: "/mnt/usb/sysrcd.bs.backstore-changes",
    scratch: "/mnt/usb/sysrcd.bs.backstore-work",
  });
});

describe("directoryOf() and joinPath() take a path apart and put it together", () => {
  const cases = [
    { path: "/sysrcd.bs", directory: "/", name: "sysrcd.bs" },
    { path: "/mnt/sysrcd.bs", directory: "/mnt", name: "sysrcd.bs" },
    { path: "/mnt/a b/x", directory: "/mnt/a b", name: "x" },
  ];
  for (const { path, directory, name } of cases) {
    test(path, () => {
      expect(directoryOf(path)).toBe(directory);
      expect(joinPath(directory, name)).toBe(path);
    });
  }
});
