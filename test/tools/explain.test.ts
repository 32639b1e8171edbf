// "backstore explain" as users call it, on images of the real tools: its output, and that it
// changes nothing.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { directory, explainJson, ext4, makeStore, users } from "./explain-call.ts";
import { newImage } from "./images.ts";
import { isRoot, run } from "./programs.ts";

function digest(name: string): string {
  return createHash("sha256")
    .update(readFileSync(join(directory, name)))
    .digest("hex");
}

mkdirSync(join(directory, "tree/persistent_RESCUE1100/x86_64/upperdir/etc"), { recursive: true });
mkdirSync(join(directory, "tree/persistent_RESCUE1100/x86_64/workdir"));
writeFileSync(join(directory, "tree/persistent_RESCUE1100/x86_64/upperdir/etc/motd"), "changed\n");
mkdirSync(join(directory, "base/etc"), { recursive: true });
writeFileSync(join(directory, "base/etc/motd"), "as it came\n");
run([
  "mksquashfs",
  join(directory, "base"),
  join(directory, "airootfs.sfs"),
  "-quiet",
  "-no-progress",
]);

const uuid = "5f0c2a1e-93d4-4b7a-8c11-6f2d9e4b7a10";
const store = makeStore("store", [
  ...ext4,
  "-L",
  "store",
  "-U",
  uuid,
  "-d",
  join(directory, "tree"),
]);
const other = makeStore("other", [...ext4, "-L", "other"]);
const dirty = makeStore("dirty", [...ext4, "-L", "dirty", "-d", join(directory, "tree")]);
// needs_recovery, as on a disk that was unplugged.
run(["debugfs", "-w", "-R", "feature needs_recovery", join(directory, dirty)]);
const xfs = makeStore("xfs", ["mkfs.xfs", "-q", "-f", "-L", "xstore"], 300);
const stick = makeStore("stick", ["mkfs.vfat", "-n", "RESCUE1100"], 32);
const yaml = join(directory, "100.yaml");
writeFileSync(yaml, "global:\n    cow_label: store\n");
for (const [made, copied] of [
  ["sysresccd", undefined],
  ["sysresccd/x86_64", undefined],
  ["sysresccd/x86_64/airootfs.sfs", "airootfs.sfs"],
  ["sysrescue.d", undefined],
  ["sysrescue.d/100.yaml", "100.yaml"],
] as const) {
  const image = join(directory, stick);
  if (copied === undefined) run(["mmd", "-i", image, `::/${made}`]);
  else run(["mcopy", "-i", image, join(directory, copied), `::/${made}`]);
}

// The kernel that runs the tests may lack vfat; one that has ext4 can inspect this one.
const mediumTree = join(directory, "medium");
mkdirSync(join(mediumTree, "sysresccd/x86_64"), { recursive: true });
mkdirSync(join(mediumTree, "sysrescue.d"));
copyFileSync(join(directory, "airootfs.sfs"), join(mediumTree, "sysresccd/x86_64/airootfs.sfs"));
copyFileSync(yaml, join(mediumTree, "sysrescue.d/100.yaml"));
const rescue = makeStore("rescue", [...ext4, "-L", "RESCUE1100", "-d", mediumTree]);

// A disk with the stick's file system in its first partition and the store's in its second.
newImage(directory, "disk", 64);
run(
  ["sfdisk", "--quiet", join(directory, "disk.img")],
  'label: gpt\nsize=32M\nsize=16M, name="my store"\n',
);
for (const [part, sector] of [
  [stick, 2048],
  [store, 2048 + 65536],
] as const) {
  const to = join(directory, "disk.img");
  run([
    "dd",
    `if=${join(directory, part)}`,
    `of=${to}`,
    "bs=512",
    `seek=${sector}`,
    "conv=notrunc,sparse",
    "status=none",
  ]);
}

const all = [store, other, dirty, xfs, stick, rescue, "disk.img"].flatMap((image) => [
  "--image",
  image,
]);

for (const [who, prefix, mayMount] of users) {
  describe(`backstore explain for ${who}`, () => {
    test("tells every device, and the store that cow_label names", () => {
      const {
        session,
        candidates,
        store: used,
        plan,
        problems,
      } = explainJson(
        [
          "--image",
          stick,
          "--image",
          store,
          "--image",
          other,
          "--cmdline",
          "archisolabel=RESCUE1100 cow_label=store",
        ],
        prefix,
      );
      expect([session, problems]).toEqual(["persistent", []]);
      expect(candidates).toEqual([
        {
          device: stick,
          type: "vfat",
          label: "RESCUE1100",
          uuid: expect.stringMatching(/^[0-9A-F]{4}-[0-9A-F]{4}$/),
          removable: expect.any(Boolean),
          model: null,
          bytes: 32 * 2 ** 20,
          accepted: false,
          reason: 'its label is "RESCUE1100"',
        },
        {
          device: store,
          type: "ext4",
          label: "store",
          uuid,
          removable: false,
          model: null,
          bytes: 16 * 2 ** 20,
          accepted: true,
          reason: expect.stringMatching(
            mayMount ? /^it is labelled "store"$/ : /^it is labelled "store".*without root$/,
          ),
        },
        {
          device: other,
          type: "ext4",
          label: "other",
          uuid: expect.any(String),
          removable: false,
          model: null,
          bytes: 16 * 2 ** 20,
          accepted: false,
          reason: 'its label is "other"',
        },
      ]);
      expect(used).toMatchObject({ device: store, directory: "persistent_RESCUE1100/x86_64" });
      expect(plan.title).toContain(store);
    });

    test("names partitions by their number", () => {
      const words = ["--image", "disk.img", "--cmdline", 'cow_device="PARTLABEL=my store"'];
      const { candidates, session } = explainJson(words, prefix);
      expect(candidates.map(({ device, accepted }) => [device, accepted])).toEqual([
        ["disk.img", false],
        ["disk.img#1", false],
        ["disk.img#2", true],
      ]);
      expect(session).toBe("persistent");
    });

    test("takes a pending journal for no damage", () => {
      const words = ["--image", dirty, "--cmdline", "cow_label=dirty"];
      expect(explainJson(words, prefix).session).toBe("persistent");
    });

    test("takes none of two with one label, and names both", () => {
      const words = ["--image", store, "--image", "disk.img", "--cmdline", "cow_label=store"];
      const { session, problems, store: used } = explainJson(words, prefix);
      expect([session, used ?? undefined]).toEqual(["volatile", undefined]);
      expect(problems[0]?.message).toMatch(
        /store\.img \(16\.0 MiB, \S+\) and disk\.img#2 \(16\.0 MiB, \S+\) are both labelled "store"/,
      );
    });

    test("changes no image", () => {
      const names = [store, other, dirty, xfs, stick, rescue, "disk.img"];
      const before = names.map(digest);
      const labels = [
        "cow_label=store",
        "cow_label=xstore",
        "cow_label=dirty",
        "cow_device=LABEL=other",
      ];
      for (const label of labels) explainJson([...all, "--cmdline", label], prefix);
      expect(names.map(digest)).toEqual(before);
      const mounts = readFileSync("/proc/self/mounts", "utf8");
      expect(mounts).not.toContain(directory);
      expect(run(["losetup", "--list", "--noheadings", "--output", "BACK-FILE"])).not.toContain(
        directory,
      );
    });

    test("refuses a directory that leads out of the store", () => {
      for (const given of ["../../x", "a/../../x", "..", "/", "a\nb"]) {
        const cmdline = `cow_label=store "cow_directory=${given}"`;
        const { session, problems } = explainJson(["--image", store, "--cmdline", cmdline], prefix);
        expect([given, session]).toEqual([given, "volatile"]);
        expect(problems[0]?.message).toContain("cow_directory");
      }
    });
  });
}

describe.skipIf(!isRoot)(
  "backstore explain for root (skipped without root) looks into devices",
  () => {
    test("and reads the medium's own YAML files", () => {
      const {
        session,
        store: used,
        options,
      } = explainJson(["--image", rescue, "--image", store], []);
      expect([session, used?.directory]).toEqual(["persistent", "persistent_RESCUE1100/x86_64"]);
      expect(options).toMatchObject({ cow_label: { origin: { file: "100.yaml", line: 2 } } });
    });

    test("and says what is in the way", () => {
      const words = [
        "--image",
        store,
        "--cmdline",
        "cow_label=store cow_directory=/persistent_RESCUE1100",
      ];
      const { session, problems } = explainJson(words, []);
      expect(session).toBe("volatile");
      expect(problems[0]?.message).toMatch(/is not a store and not empty \(it contains "x86_64"\)/);
    });
  },
);
