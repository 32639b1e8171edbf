import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addonFile,
  addonFiles,
  type InstallRecord,
  isOwnState,
  keptDirectory,
  parseInstallRecord,
  programFile,
  recordChange,
  recordFile,
  type Slot,
  slots,
} from "../../../src/core/install/install-record.ts";
import { type MediumFiles, planChanges } from "../../../src/core/install/plan-changes.ts";
import {
  findOriginals,
  type Installed,
  planInstall,
  planUninstall,
  requireOwnStates,
} from "../../../src/core/install/plan-install.ts";
import { editText } from "../../../src/core/menus/edit.ts";
import { describe as describeStep, type Step } from "../../../src/core/steps/step.ts";

const grubMenu = "menuentry a {\nlinux /live/v boot=live\ninitrd /live/i\n}\n";
const medium = new Map([
  ["boot/grub/grub.cfg", grubMenu],
  ["isolinux/isolinux.cfg", "LABEL a\nLINUX /live/v\nINITRD /live/i\n"],
  ["md5sum.txt", `${"0".repeat(32)}  ./boot/grub/grub.cfg\n`],
]);
const program = { path: "/proc/self/exe", bytes: 1000 };

/** The files of a medium in memory; the add-on is a text that says which one it is. */
type Files = Map<string, string>;

function formOf(addon: string): "img" | "own" {
  return addon.startsWith("own") ? "own" : "img";
}

function inspect(files: Files, addon: string): { installed: Installed; before: MediumFiles } {
  const own = [...files.keys()].filter((path) => path.startsWith("backstore/"));
  const records = new Map<Slot, InstallRecord>();
  for (const slot of slots) {
    const record = parseInstallRecord(files.get(recordFile(slot)) ?? "");
    if (record !== undefined) records.set(slot, record);
  }
  const recorded = [...records.values()].flatMap((record) => record.files);
  const kept = new Map(
    recorded.flatMap(({ kept: name }) => {
      const text = files.get(`${keptDirectory}/${name}`);
      return name === null || text === undefined ? [] : [[name, text] as const];
    }),
  );
  const current = new Map(recorded.map(({ path }) => [path, files.get(path)]));
  const form = formOf(addon);
  const same = slots.filter((slot) => files.get(addonFile(slot, form)) === addon);
  const directories = own.length === 0 ? [] : [keptDirectory, "backstore"];
  const installed: Installed = {
    path: "/m",
    records,
    kept,
    current,
    own,
    directories,
    form,
    same,
    unfinished: [],
  };
  const originals = findOriginals(installed, "Cannot x");
  requireOwnStates(installed, originals, "Cannot x");
  const texts = new Map(
    [...files].flatMap(([path, text]) =>
      path.startsWith("backstore/") ? [] : [[path, originals.get(path) ?? text] as const],
    ),
  );
  return { installed, before: { files: [...texts.keys()], texts } };
}

function plansOf(files: Files, addon: string): readonly Step[] {
  const { installed, before } = inspect(files, addon);
  const isOwn = formOf(addon) === "own";
  return planInstall(installed, (path) => planChanges(before, { addon: path, words: [], isOwn }), {
    ...{ version: "1", program, store: undefined },
    addon: { path: addon, bytes: 10 },
  }).plan.steps;
}

/** What files are while a step is executed, and at its end: each may be what a killed run leaves. */
function statesDuring(files: Files, step: Step): Files[] {
  const withFile = (path: string, text: string | undefined): Files => {
    const next = new Map(files);
    const inner = path.slice("/m/".length);
    if (text === undefined) next.delete(inner);
    else next.set(inner, text);
    return next;
  };
  if (step.do === "put-file")
    return [step.text.slice(0, step.text.length / 2), step.text].map((text) =>
      withFile(step.path, text),
    );
  if (step.do === "put-copy") return ["torn", step.from].map((text) => withFile(step.to, text));
  if (step.do === "remove-put") return [withFile(step.path, undefined)];
  if (step.do !== "change-text") return [files];
  const { path, from, to } = step;
  expect(files.get(path.slice("/m/".length))).toBe(from);
  const padded = from + "\n".repeat(Math.max(0, to.length - from.length));
  const over = to + "\n".repeat(Math.max(0, from.length - to.length));
  const half = over.length >> 1;
  const torn = over.slice(0, half) + padded.slice(half);
  return [padded, torn, over, to].map((text) => withFile(path, text));
}

function runAll(files: Files, steps: readonly Step[]): Files {
  return steps.reduce((now, step) => statesDuring(now, step).at(-1) ?? now, files);
}

/** A menu that names an add-on boots only if that is there and whole. */
function expectBootable(files: Files, addons: readonly string[]): void {
  for (const addon of addonFiles) {
    const isNamed = [...files].some(
      ([path, text]) => !path.startsWith("backstore/") && text.includes(`/${addon}`),
    );
    if (isNamed) expect(addons).toContain(files.get(addon));
  }
}

describe("planInstall()", () => {
  test("planInstall() keeps everything that it changes before it changes anything", () => {
    expect(plansOf(medium, "new").map(describeStep)).toEqual([
      'create the directory "/m/backstore/kept"',
      'create the file "/m/backstore/kept/0" (55 B)',
      'create the file "/m/backstore/kept/1" (37 B)',
      'create the file "/m/backstore/kept/2" (55 B)',
      expect.stringContaining('create the file "/m/backstore/install1.json"'),
      'copy "new" (10 B) to "/m/backstore/addon1.img"',
      'copy "/proc/self/exe" (1000 B) to "/m/backstore/backstore"',
      'change "/m/boot/grub/grub.cfg" from 55 to 77 bytes',
      'change "/m/isolinux/isolinux.cfg" from 37 to 59 bytes',
      'change "/m/md5sum.txt" from 55 to 55 bytes',
      'sync the file system of "/m" to disk',
    ]);
  });

  test("planInstall() has nothing to do the second time, planUninstall() nothing at all before", () => {
    const installed = runAll(medium, plansOf(medium, "new"));
    expect(plansOf(installed, "new")).toEqual([]);
    expect(planUninstall(inspect(medium, "").installed).steps).toEqual([]);
  });

  test("planUninstall() gives the medium back as it was", () => {
    const installed = runAll(medium, plansOf(medium, "new"));
    expect(runAll(installed, planUninstall(inspect(installed, "").installed).steps)).toEqual(
      medium,
    );
  });

  test("planInstall() puts a new add-on beside the old one until no menu names that", () => {
    const old = runAll(medium, plansOf(medium, "old"));
    const now = runAll(old, plansOf(old, "new"));
    expect([...now.keys()].filter((path) => path.startsWith("backstore/")).sort()).toEqual([
      ...["backstore/addon2.img", "backstore/backstore", "backstore/install2.json"],
      ...["backstore/kept/0", "backstore/kept/1", "backstore/kept/2"],
    ]);
    expect(now.get("boot/grub/grub.cfg")).toContain("/live/i /backstore/addon2.img\n");
    const undone = runAll(now, planUninstall(inspect(now, "").installed).steps);
    expect(undone).toEqual(medium);
  });

  test.each([
    ["the add-on", "new", "third"],
    ["our own initramfs", "own new", "own third"],
  ])(
    "a run for %s that is killed at any moment leaves a medium that boots, and that the next run finishes or undoes",
    (_, newer, third) => {
      const addons = ["old", newer, third];
      const visit = (start: Files, steps: readonly Step[], depth: number): void => {
        let files = start;
        for (const step of steps) {
          for (const [index, state] of statesDuring(files, step).entries()) {
            expectBootable(state, addons);
            const undone = runAll(state, planUninstall(inspect(state, "").installed).steps);
            expect(undone).toEqual(medium);
            for (const addon of depth === 0 ? [newer, third] : [third]) {
              const next = plansOf(state, addon);
              const finished = runAll(state, next);
              expectBootable(finished, [addon]);
              expect(plansOf(finished, addon)).toEqual([]);
              const isBetween = slots.every((slot) => state.has(recordFile(slot)));
              if (depth === 0 && addon === third && isBetween && index === 0) visit(state, next, 1);
            }
          }
          files = statesDuring(files, step).at(-1) ?? files;
        }
      };
      visit(medium, plansOf(medium, newer), 1);
      const old = runAll(medium, plansOf(medium, "old"));
      visit(old, plansOf(old, newer), 0);
      visit(old, planUninstall(inspect(old, "").installed).steps, 1);
    },
  );

  test("a file that somebody else has changed is not written over", () => {
    const installed = runAll(medium, plansOf(medium, "new"));
    installed.set("boot/grub/grub.cfg", `${installed.get("boot/grub/grub.cfg")}# mine\n`);
    expect(() => inspect(installed, "new")).toThrow(
      'Cannot x: "boot/grub/grub.cfg" was changed by somebody else since then',
    );
  });

  test("what was kept and has changed is not put back", () => {
    const installed = runAll(medium, plansOf(medium, "new"));
    installed.set("backstore/kept/0", "other");
    expect(() => inspect(installed, "new")).toThrow(
      'Cannot x: what was kept of "boot/grub/grub.cfg" is missing or has changed',
    );
  });

  test("the program is put on the medium as well", () => {
    const installed = runAll(medium, plansOf(medium, "new"));
    expect(installed.get(programFile)).toBe(program.path);
  });
});

describe("isOwnState()", () => {
  const edits = [{ at: 2, removed: 0, text: "new" }];
  const change = recordChange("f", "old text", { kept: "0", edits });
  const changed = editText("old text", edits);

  test("isOwnState() knows both texts, with newlines behind them, and one begun over the other", () => {
    fc.assert(
      fc.property(fc.nat(changed.length), fc.nat(5), fc.boolean(), (cut, more, isBack) => {
        const [over, under] = isBack ? ["old text\n\n\n", changed] : [changed, "old text\n\n\n"];
        const text = over.slice(0, cut) + under.slice(cut) + (cut === 0 ? "\n".repeat(more) : "");
        expect(isOwnState(text, "old text", [change])).toBe(true);
      }),
    );
  });

  test("isOwnState() knows what FAT makes of the newlines behind a text that is made shorter", () => {
    for (const rest of ["\0\0\0", "\0\0\n\n"])
      expect(isOwnState(`old text${rest}`, "old text", [change])).toBe(true);
  });

  for (const text of ["", "old", "old texT", "old text\n#", "old text\0#", `${changed} `, "olnew"])
    test(`isOwnState() does not know ${JSON.stringify(text)}`, () => {
      expect(isOwnState(text, "old text", [change])).toBe(false);
    });
});

describe("parseInstallRecord()", () => {
  const record = { format: 1, version: "1", family: "", files: [] };
  const file = { path: "a", kept: "0", bytes: 1, crc32: 1, edits: [] };
  for (const [what, files] of [
    ["a path that leads out of the medium", [{ ...file, path: "../a" }]],
    ["an absolute path", [{ ...file, path: "/etc/passwd" }]],
    ["a kept file elsewhere", [{ ...file, kept: "../0" }]],
    ["a negative place", [{ ...file, edits: [{ at: -1, removed: 0, text: "" }] }]],
  ] as const)
    test(`parseInstallRecord() refuses ${what}`, () => {
      expect(parseInstallRecord(JSON.stringify({ ...record, files }))).toBeUndefined();
      expect(parseInstallRecord(JSON.stringify({ ...record, files: [file] }))).toBeDefined();
    });

  test("parseInstallRecord() refuses what is not whole", () => {
    expect(parseInstallRecord(JSON.stringify(record).slice(0, 20))).toBeUndefined();
  });
});
