// check on stores whose grow or shrink was killed: it reports what was left, changes nothing unless
// it is told to repair, and then completes or undoes the resize.
import { expect, test } from "vitest";
import { check, digests, modelOf, store } from "./check-call.ts";
import { killAt } from "./kill-at.ts";
import { isRoot } from "./programs.ts";
import { complaints, findRemains, program, putBack, readContents } from "./stores.ts";

const resizes = [
  { type: "ext4", operation: "grow", to: "40" },
  { type: "ext4", operation: "shrink", to: "20" },
  { type: "xfs", operation: "grow", to: "340" },
  { type: "btrfs", operation: "shrink", to: "300" },
] as const;
for (const { type, operation, to } of resizes) {
  test.skipIf(!isRoot)(
    `backstore check repairs a ${operation} of ${type} that was killed (needs root)`,
    { timeout: 300_000 },
    () => {
      const model = modelOf(type);
      const words = [program, operation, store, to];
      putBack(model, store);
      const { calls } = killAt(words, { at: 0 });
      const ways = new Set<string>();
      // A sample; resize-kills.test.ts has all.
      const step = Math.ceil(calls.length / 14);
      for (let at = 1; at <= calls.length; at += step) {
        putBack(model, store);
        if (killAt(words, { at }).status !== 137) continue;
        const where = `${at}: ${calls[at - 1]}`;
        const left = findRemains(store).some((name) => name.startsWith("sysrcd.bs."));
        const before = digests();
        const found = check(store);
        expect([where, digests()]).toEqual([where, before]);
        const told = found.findings.some((one) => /finish-resize|remove-remains/.test(one));
        expect([where, told]).toEqual([where, left]);
        const repaired = check(store, "--repair", "--yes");
        expect([where, repaired.status, repaired.findings]).toEqual([where, 0, []]);
        for (const way of repaired.repaired) ways.add(way);
        expect([where, complaints(type, store)]).toEqual([where, ""]);
        expect([where, readContents(type, store)]).toEqual([where, model.contents]);
        if (left) expect([where, findRemains(store)]).toEqual([where, []]);
      }
      expect(ways).toContain("finish-resize");
    },
  );
}
