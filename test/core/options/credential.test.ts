import { expect, test } from "vitest";
import { findCredential } from "../../../src/core/options/credential.ts";

const name = "backstore.cmdline";

const cases: readonly (readonly [found: string | undefined, strings: readonly string[]])[] = [
  [undefined, []],
  [undefined, ["io.systemd.credential:other=cow_label=a", `${name}=cow_label=a`]],
  ["cow_label=a", ["x", `io.systemd.credential:${name}=cow_label=a`]],
  ["", [`io.systemd.credential:${name}=`]],
  ["größe", [`io.systemd.credential.binary:${name}=Z3LDtsOfZQ==`]],
  ["a", [`io.systemd.credential:${name}=a`, `io.systemd.credential:${name}=b`]],
  [undefined, [`io.systemd.credential.binary:${name}=cow_label=a`]],
];

for (const [found, strings] of cases)
  test(`findCredential() finds ${found} in ${JSON.stringify(strings)}`, () => {
    expect(findCredential(strings)).toBe(found);
  });
