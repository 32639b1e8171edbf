// check on real stores with real damage: its findings, that inspection changes no byte, and that
// what it repairs is in order according to the file system's own checker, with every undamaged file
// unchanged.
import { readdirSync, rmSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { call, check, digests, modelOf, store } from "./check-call.ts";
import { digestFile } from "./digest.ts";
import { patch } from "./images.ts";
import { killAt } from "./kill-at.ts";
import { isRoot, run, tryRun } from "./programs.ts";
import { complaints, directory, program, putBack, readContents } from "./stores.ts";

const timeout = 60_000;

/** Runs a line of shell in a private mount namespace. */
function inMounts(script: string): string {
  return run(["unshare", "--mount", "sh", "-euc", `cd "$1"; ${script}`, "sh", directory]);
}

/** Returns the digests of all regular files in a store. */
function fileDigests(type: string): string[] {
  return [...readContents(type, store).matchAll(/^([0-9a-f]{64}) {2}/gm)].map(
    ([, digest = ""]) => digest,
  );
}

function breakBtrfs(mirrors: number): void {
  const dump = run(["btrfs", "inspect-internal", "dump-tree", "-t", "fs", store]);
  const logical = /^(?:leaf|node) (\d+) /m.exec(dump)?.[1] ?? "";
  const map = run(["btrfs-map-logical", "-l", logical, store]);
  const places = [...map.matchAll(/physical (\d+)/g)].map(([, at]) => Number(at));
  expect(places.length).toBe(2);
  for (const at of places.slice(0, mirrors)) patch(store, at + 200, new Uint8Array(64).fill(0xa5));
}

const inode = "/upperdir/b";
const damages: readonly {
  readonly name: string;
  readonly type: string;
  readonly damage: () => void;
  /** How many regular files may differ from before. */
  readonly lost: number;
}[] = [
  {
    name: "a group descriptor",
    type: "ext4",
    damage: () => debugfs("set_bg 0 inode_table 5"),
    lost: 0,
  },
  {
    name: "an inode that is cleared",
    type: "ext4",
    damage: () => debugfs(`clri ${inode}`),
    lost: 1,
  },
  {
    name: "the number of links of an inode",
    type: "ext4",
    damage: () => debugfs(`sif ${inode} links_count 7`),
    lost: 0,
  },
  {
    name: "a directory entry that is gone",
    type: "ext3",
    damage: () => debugfs(`unlink ${inode}`),
    lost: 0,
  },
  { name: "a block bitmap", type: "ext2", damage: () => debugfs("freeb 1 500"), lost: 0 },
  {
    name: "the header of an allocation group",
    type: "xfs",
    damage: () => patch(store, 512, new Uint8Array(512)),
    lost: 0,
  },
];

function debugfs(command: string): void {
  run(["debugfs", "-w", "-R", command, store]);
}

describe.skipIf(!isRoot)("backstore check (skipped without root)", () => {
  for (const type of ["ext4", "ext3", "ext2", "xfs", "btrfs"]) {
    test(`finds nothing in ${type} that is in order, and changes nothing`, { timeout }, () => {
      putBack(modelOf(type), store);
      const before = digests();
      for (const words of [[dirname(store)], [store], [store, "--repair"], [store, "--dry-run"]])
        expect(check(...words)).toEqual({
          status: 0,
          checked: [true],
          findings: [],
          repaired: [],
        });
      expect(digests()).toBe(before);
    });
  }

  for (const [what, table, offset] of [
    ["a disk with GPT", "label: gpt\nstart=2048\n", 2 ** 20],
    ["a disk with MBR", "label: dos\nstart=4096, type=83\n", 2 ** 21],
    ["a file system", undefined, 0],
  ] as const)
    test(`finds the stores in an image of ${what}`, { timeout }, () => {
      const image = join(directory, "whole.img");
      const tree = join(directory, "tree");
      run(["mkdir", "-p", join(tree, "persistent_X/x86_64/upperdir/etc")]);
      run(["mkdir", "-p", join(tree, "persistent_X/x86_64/workdir")]);
      rmSync(image, { force: true });
      run(["truncate", "--size", "64M", image]);
      if (table !== undefined) run(["sfdisk", "--quiet", image], table);
      const options = ["-q", "-F", "-E", `offset=${offset}`, "-d", tree];
      run(["mkfs.ext4", ...options, image, "48M"]);
      const { status, stdout } = call(image, "--json");
      expect(status).toBe(0);
      const { stores } = JSON.parse(stdout);
      const device = table === undefined ? image : `${image}#1`;
      expect(stores).toMatchObject([
        { store: `/persistent_X/x86_64 on ${device}`, device, state: "used", checked: true },
      ]);
      rmSync(tree, { recursive: true });
      run(["mkfs.ext4", "-q", "-F", "-E", `offset=${offset}`, image, "48M"]);
      // A file system without anything is a new store, if it is not that of a partition.
      expect(call(image).status).toBe(table === undefined ? 0 : 4);
      rmSync(image);
    });

  for (const { name, type, damage, lost } of damages) {
    test(`finds and repairs ${name} of ${type}`, { timeout }, () => {
      const model = modelOf(type);
      putBack(model, store);
      const files = fileDigests(type);
      damage();
      const before = digests();
      const found = check(store);
      expect(found).toMatchObject({ status: 6, checked: [true] });
      expect(found.findings).toEqual([
        expect.stringMatching(`^error file-system: its ${type} file system is damaged: `),
      ]);
      expect(call(store, "--dry-run").status).toBe(6);
      expect(digests()).toBe(before);
      const repaired = check(store, "--repair", "--yes");
      expect(repaired).toEqual({
        status: 0,
        checked: [true],
        findings: expect.any(Array),
        repaired: ["file-system"],
      });
      expect(repaired.findings.filter((one) => !one.startsWith("note"))).toEqual([]);
      expect(complaints(type, store)).toBe("");
      const after = fileDigests(type);
      expect(files.filter((one) => !after.includes(one)).length).toBe(lost);
    });
  }

  const undecided: readonly (readonly [type: string, damage: () => void])[] = [
    ["ext4", () => debugfs("set_bg 0 inode_table 5")],
    ["xfs", () => patch(store, 512, new Uint8Array(512))],
  ];
  for (const [type, damage] of undecided) {
    test(`changes nothing of ${type} by which something may be lost unless somebody agrees`, () => {
      putBack(modelOf(type), store);
      damage();
      const before = digests();
      expect(call(store, "--repair")).toMatchObject({
        status: 6,
        stdout: "",
        stderr: expect.stringContaining("not confirmed"),
      });
      expect(digests()).toBe(before);
    });
  }

  test("tells of one broken copy of a btrfs block, and of both, and repairs neither", {
    timeout,
  }, () => {
    const model = modelOf("btrfs");
    putBack(model, store);
    breakBtrfs(1);
    const before = digests();
    expect(check(store, "--repair", "--yes")).toMatchObject({
      status: 0,
      findings: [expect.stringMatching("^warning -: its btrfs file system has a corrupt block")],
      repaired: [],
    });
    expect(digests()).toBe(before);
    expect(readContents("btrfs", store)).toBe(model.contents);
    breakBtrfs(2);
    const worse = digests();
    expect(check(store, "--repair", "--yes")).toMatchObject({
      status: 6,
      findings: [expect.stringMatching("^error -: its btrfs file system is damaged: ")],
      repaired: [],
    });
    expect(digests()).toBe(worse);
  });

  const cut: readonly (readonly [type: string, severity: string, replays: boolean])[] = [
    ["ext4", "note", true],
    ["xfs", "warning", true],
    ["btrfs", "note", true],
  ];
  for (const [type, severity] of cut) {
    test(`takes the journal of ${type} for no damage, and replays it when told to`, {
      timeout,
    }, () => {
      putBack(modelOf(type), store);
      inMounts(`mkdir -p at; mount -o loop host/sysrcd.bs at
        echo later > at/upperdir/later; exec 9> at/upperdir/open; rm at/upperdir/open; echo x >&9
        sync at/upperdir/later; cp --sparse=always host/sysrcd.bs cut; exec 9>&-; umount at; rmdir at
        rm host/sysrcd.bs; mv cut host/sysrcd.bs; fallocate -l $(stat -c %s host/sysrcd.bs) host/sysrcd.bs`);
      const before = digests();
      const found = check(store);
      expect(found).toMatchObject({ status: 0, checked: [type !== "xfs"] });
      expect(found.findings).toEqual([
        expect.stringMatching(`^${severity} replay: its ${type} file system was`),
      ]);
      expect(digests()).toBe(before);
      expect(check(store, "--repair")).toEqual({
        status: 0,
        checked: [true],
        findings: [],
        repaired: ["replay"],
      });
      expect(complaints(type, store)).toBe("");
      expect(readContents(type, store)).toMatch(/^upperdir\/later /m);
    });
  }

  test("removes what a killed create has left, and finds nothing then", { timeout }, () => {
    putBack(modelOf("ext4"), store);
    rmSync(store);
    const words = [program, "create", store, "16", "--force"];
    const { calls } = killAt(words, { at: 0 });
    rmSync(store);
    const at = calls.findIndex((one) => one.includes("mkfs.ext4")) + 5;
    expect(killAt(words, { at }).status).toBe(137);
    const before = digests();
    expect(check(store).findings).toEqual([
      expect.stringMatching("^warning remove-remains: an interrupted command left"),
    ]);
    expect(digests()).toBe(before);
    expect(call(dirname(store), "--repair")).toMatchObject({ status: 0, stderr: "" });
    expect(readdirSync(dirname(store))).toEqual([]);
    expect(call(store)).toMatchObject({ status: 4, stdout: "" });
  });

  test("tells of a sparse file and of one that was cut", () => {
    putBack(modelOf("ext4"), store);
    run(["cp", "--sparse=always", modelOf("ext4").model, store]);
    expect(check(store)).toMatchObject({
      status: 0,
      findings: [expect.stringMatching("^warning -: it is sparse")],
    });
    truncateSync(store, 5_000_000);
    expect(check(store).status).toBe(6);
  });

  test("tells what is in use by others, and neither checks nor repairs it", () => {
    putBack(modelOf("ext4"), store);
    debugfs(`clri ${inode}`);
    const said = inMounts(`mkdir -p at; mount -o loop,ro host/sysrcd.bs at; sha256sum host/sysrcd.bs
      ./backstore check host --repair --yes || echo status $?; sha256sum host/sysrcd.bs; umount at; rmdir at`);
    const sums = said.match(/^[0-9a-f]{64}/gm) ?? [];
    expect(sums.length).toBe(2);
    expect(sums[0]).toBe(sums[1]);
    expect(said).toContain("it is in use (mounted on ");
    expect(said).toContain("status 5\n");
  });

  test("a store on a mounted host is checked and repaired there, and looking leaves the host as it was", {
    timeout,
  }, () => {
    putBack(modelOf("ext4"), store);
    debugfs("set_bg 0 inode_table 5");
    const host = join(directory, "host.img");
    run(["truncate", "-s", "64M", host]);
    run(["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", host]);
    const said = inMounts(`mkdir -p at; mount -o loop,strictatime host.img at
      cp host/sysrcd.bs at; fallocate -l 24M at/sysrcd.bs; cat at/sysrcd.bs > /dev/null; sync -f at
      sha256sum host.img; ./backstore check at || echo status $?; sync -f at; sha256sum host.img
      ./backstore check at --repair --yes; ./backstore check --image host.img; umount at; rmdir at`);
    const sums = said.match(/^[0-9a-f]{64}/gm) ?? [];
    expect(sums[0]).toBe(sums[1]);
    expect(said).toContain("status 6\n");
    expect(said).toContain("Done: Repair the file system in");
    const clean = digestFile(host);
    expect(check("--image", host)).toMatchObject({ status: 0, checked: [true], findings: [] });
    expect(digestFile(host)).toBe(clean);
  });

  test("a directory store on a partition of an image is checked and repaired", { timeout }, () => {
    putBack(modelOf("ext4"), store);
    const disk = join(directory, "disk.img");
    run(["truncate", "-s", "32M", disk]);
    run(["sfdisk", "-q", disk], "label: dos\nstart=2048, type=83\n");
    debugfs(`clri ${inode}`);
    run(["dd", `if=${store}`, `of=${disk}`, "bs=1M", "seek=1", "conv=notrunc", "status=none"]);
    const before = digestFile(disk);
    expect(check("--image", disk)).toMatchObject({
      status: 6,
      findings: [expect.stringMatching("^error file-system: its ext4 file system is damaged")],
    });
    expect(digestFile(disk)).toBe(before);
    expect(check("--image", disk, "--repair", "--yes")).toMatchObject({
      status: 0,
      repaired: ["file-system"],
    });
    run(["dd", `if=${disk}`, `of=${store}`, "bs=1M", "skip=1", "count=24", "status=none"]);
    expect(complaints("ext4", store)).toBe("");
  });

  test("a named device that can no longer be looked into is checked and repaired", {
    timeout,
  }, () => {
    const model = modelOf("xfs");
    putBack(model, store);
    patch(store, 512, new Uint8Array(512));
    expect(check("--image", store)).toMatchObject({
      status: 6,
      checked: [true],
      findings: [
        expect.stringMatching(
          "^error file-system: its xfs file system is damaged: xfs_repair says",
        ),
      ],
    });
    expect(check("--image", store, "--repair", "--yes")).toEqual({
      status: 0,
      checked: [true],
      findings: [],
      repaired: ["file-system"],
    });
    expect(readContents("xfs", store)).toBe(model.contents);
  });

  test("tells what only other settings can read, and what no session will show", () => {
    putBack(modelOf("ext4"), store);
    inMounts(`mkdir -p at; mount -o loop host/sysrcd.bs at; cd at
      setfattr -n trusted.overlay.metacopy -v "" upperdir/b
      setfattr -n trusted.overlay.redirect -v old upperdir/etc/deep
      mkdir -p upperdir/run/later photos; echo x > upperdir/run/later/x
      mkdir -p workdir/work; born=$(date -u -d "$(stat -c %w workdir/work)" +%Y-%m-%dT%H:%M:%S.%NZ)
      overlay=index=off,metacopy=off,xino=off,redirect_dir=nofollow
      echo '{"format":1,"id":"1","overlay":"'$overlay'","overlayMount":{"kind":"born","time":"'$born'"}}' > backstore.json
      cd ..; umount at; rmdir at`);
    const before = digests();
    expect(check(store)).toMatchObject({
      status: 8,
      findings: [
        expect.stringContaining(
          'error -: files in it cannot be read with the recorded metacopy=off: "/b"',
        ),
        expect.stringContaining('"/etc/deep" is one'),
        expect.stringMatching("^note -: 2 changes in it .* are never visible"),
        expect.stringMatching('^note -: sessions show only upperdir, not "photos"'),
      ],
    });
    expect(digests()).toBe(before);
  });

  test("tells of a store that another system has mounted what the next boot finds out", () => {
    inMounts(`mkdir -p at; mount -o loop host/sysrcd.bs at
      mkdir -p base root; mount -t overlay -o lowerdir=base,upperdir=at/upperdir,workdir=at/workdir overlay root
      umount root; umount at; rmdir at base root`);
    expect(check(store)).toMatchObject({
      status: 0,
      findings: [
        expect.stringMatching('^note -: another system has written changes to it .*"/b" is one'),
        ...[expect.stringMatching("^note -: 2 changes"), expect.stringMatching('"photos"')],
      ],
    });
  });
});

test("backstore check for whoever may not mount checks the file system of his own file", () => {
  const model = modelOf("ext4");
  putBack(model, store);
  run(["chmod", "755", directory]);
  run(["chmod", "644", store]);
  const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];
  const before = digests();
  const ended = tryRun([...(isRoot ? nobody : []), program, "check", store]);
  expect(ended).toMatchObject({ status: 0, stderr: "" });
  expect(ended.stdout).toContain("its contents were not checked");
  expect(ended.stdout).toContain("is in order: 1 note");
  expect(digests()).toBe(before);
});
