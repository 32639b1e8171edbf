import { expect, test } from "vitest";
import { nameInSession, pathInSession } from "../../../src/core/session/places.ts";

const cases = [
  ["/run/initramfs/backstore/host", "/run/backstore/host"],
  ["/run/initramfs/backstore/host/a dir/my.bs", "/run/backstore/host/a dir/my.bs"],
  ["/run/initramfs/backstore/medium/x", "/run/backstore/medium/x"],
  ["/run/initramfs/backstore/store", "/run/backstore/store"],
  // Nothing leads there, or it is something else.
  ["/run/initramfs/backstore/copy/x", "/run/initramfs/backstore/copy/x"],
  ["/run/initramfs/backstore/hosts", "/run/initramfs/backstore/hosts"],
  ["/run/initramfs/backstore", "/run/initramfs/backstore"],
  ["/mnt/run/initramfs/backstore/host", "/mnt/run/initramfs/backstore/host"],
  ["/mnt/stick/sysrcd.bs", "/mnt/stick/sysrcd.bs"],
] as const;

for (const [path, name] of cases)
  test(`nameInSession() tells people "${name}" for "${path}"`, () => {
    expect(nameInSession(path)).toBe(name);
  });

for (const [path, name] of cases)
  test(`pathInSession() leads back from "${name}"`, () => {
    expect(pathInSession(name)).toBe(path);
  });

for (const name of ["/run/backstore/bin/backstore", "/run/backstore/hosts", "/run/backstore/"])
  test(`pathInSession() leaves "${name}" as it is`, () => {
    expect(pathInSession(name)).toBe(name);
  });
