// Generated menus: what is added to them can be read, and taken out again to the byte.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planChanges } from "../../../src/core/install/plan-changes.ts";
import { editText, undoInsertions } from "../../../src/core/menus/edit.ts";
import { identifyMenu } from "../../../src/core/menus/menu-files.ts";
import { readMenus } from "../../../src/core/menus/read-menus.ts";
import { type GeneratedMenu, grubMenus, syslinuxMenus } from "../../support/generated-menus.ts";

const addon = "backstore/addon1.img";

function check(file: string, { text, live }: GeneratedMenu): void {
  // The family is known by this one, whatever is in the other.
  const known = "title x\nlinux /live/vmlinuz\ninitrd /live/initrd.img\noptions boot=live\n";
  const texts = new Map([
    ["loader/entries/a.conf", known],
    [file, text],
  ]);
  const { changes, entries } = planChanges(
    { files: [...texts.keys()], texts },
    { addon, words: ["backstore"] },
  );
  const changed = entries.filter((entry) => entry.file === file && entry.changed);
  expect(changed.length).toBe(live);
  const change = changes.find(({ path }) => path === file);
  if (live === 0) {
    expect(change).toBeUndefined();
    return;
  }
  const edits = change?.edits ?? [];
  const edited = editText(text, edits);
  expect(undoInsertions(edited, edits)).toBe(text);
  const mark = text.includes("\r\n") ? "\r\n" : "\n";
  expect(edited.split(mark).length).toBe(text.split(mark).length);
  expect(edited.replaceAll("\r\n", "").includes("\r")).toBe(false);
  const loader = identifyMenu(file) ?? "other";
  const [before, after] = [text, edited].map((one) => readMenus([{ file, text: one, loader }]));
  expect(after?.map(({ title, obstacle }) => [title, obstacle])).toEqual(
    before?.map(({ title, obstacle }) => [title, obstacle]),
  );
  for (const [index, entry] of (after ?? []).entries()) {
    const was = before?.[index];
    const isChanged = JSON.stringify(entry.initrds) !== JSON.stringify(was?.initrds);
    if (!isChanged) continue;
    const others = (words: readonly string[] = []) =>
      words.filter((word) => word !== "backstore" && !word.startsWith("initrd="));
    expect(entry.words).toContain("backstore");
    expect(others(entry.words)).toEqual(others(was?.words));
    for (const [place, list] of entry.initrds.entries()) {
      expect(list.slice(0, -1)).toEqual(was?.initrds[place]);
      expect(list.at(-1)?.endsWith(`/${addon}`)).toBe(true);
    }
  }
}

describe("planChanges()", () => {
  test("planChanges() changes the live systems of any GRUB menu, and can be undone", () => {
    fc.assert(
      fc.property(grubMenus, (menu) => check("boot/grub/grub.cfg", menu)),
      { numRuns: 200 },
    );
  });

  test("planChanges() changes the live systems of any syslinux menu, and can be undone", () => {
    fc.assert(
      fc.property(syslinuxMenus, (menu) => check("isolinux/live.cfg", menu)),
      { numRuns: 200 },
    );
  });
});
