import { expect, test } from "vitest";
import { namesBeside } from "../../../src/core/stores/store-names.ts";

test("namesBeside() names all that may lie beside a store after it", () => {
  expect(namesBeside("/mnt/usb/sysrcd.bs")).toEqual({
    temporary: "/mnt/usb/sysrcd.bs.backstore-new",
    intent: "/mnt/usb/sysrcd.bs.backstore-intent",
    changes: "/mnt/usb/sysrcd.bs.backstore-changes",
    scratch: "/mnt/usb/sysrcd.bs.backstore-work",
  });
});
