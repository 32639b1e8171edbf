// "backstore export": what is exported and imported again shows the same, and what others make of it:
// GNU tar, umoci, skopeo by way of a registry, and the kernel with a module as one more layer.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildJudge } from "./build-judge.ts";
import { callsOf, killBefore } from "./kill-at.ts";
import { scriptsOnDisks } from "./namespaces.ts";
import {
  copyProgram,
  isRoot,
  numberDirectories,
  rootNote,
  run,
  temporaryDirectory,
  tryRun,
} from "./programs.ts";

const directory = temporaryDirectory();
const program = copyProgram(directory);
const newDirectory = numberDirectories(directory);
const runOnDisk = scriptsOnDisks(newDirectory, program);

const makeStore = `
  mkdir -p store/upperdir/etc/dir base/etc/dir
  echo one > store/upperdir/etc/a; ln store/upperdir/etc/a store/upperdir/etc/b
  chown 12:34 store/upperdir/etc/a; chmod 4755 store/upperdir/etc/a; setfattr -n user.mark -v v store/upperdir/etc/a
  setcap cap_net_raw+ep store/upperdir/etc/a
  mknod store/upperdir/etc/gone c 0 0; echo base > base/etc/gone; echo base > base/etc/dir/hidden
  setfattr -n trusted.overlay.opaque -v y store/upperdir/etc/dir
  truncate -s 2M store/upperdir/holes; echo end >> store/upperdir/holes
  ln -s ../nowhere store/upperdir/link; touch -d @1000000000.123456789 store/upperdir/etc/a`;

const missing = (...tools: string[]) =>
  tools.filter((tool) => tryRun(["sh", "-c", `command -v ${tool}`]).status !== 0);
const noteOf = (tools: readonly string[]) =>
  tools.length === 0 ? "" : ` (skipped: no ${tools.join(", no ")})`;
const forImages = missing("umoci", "skopeo");
const forRegistry = missing("skopeo", "docker-registry");

describe.skipIf(!isRoot)(`export${rootNote}`, () => {
  const judge = buildJudge("carry-judge", directory);

  test("keeps generated changes as they are until they are imported", { timeout: 240_000 }, () => {
    const ways = ["oci", "tar", "tar, by zstd", "oci, not compressed", "GNU tar"];
    const { status, stderr } = tryRun([...judge, program, newDirectory(), "60", ...ways]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  test("makes the same of the same changes, and nothing where something is", () => {
    const told = runOnDisk(
      `${makeStore}
       "$2" export store one.tar > /dev/null; "$2" export store two.tar > /dev/null; cmp one.tar two.tar
       "$2" export --json store image | grep -E '"(digest|exportFormat|compression)"'
       "$2" export store other > /dev/null; diff -r image other && echo same
       stat -c '%a %n' one.tar image; "$2" export store one.tar 2>&1 || ls`,
    );
    expect(told).toMatch(/"exportFormat": "oci",\n +"compression": "gzip",\n +"digest": "sha256:/);
    expect(told).toContain("same\n600 one.tar\n700 image\n");
    expect(told).toMatch(/Cannot export "store": ".*\/one\.tar" exists\n/);
    expect(told).toContain("base\nimage\none.tar\nother\nstore\ntwo.tar\n");
  });

  test("makes a module that the kernel takes as one more layer", () => {
    const told = runOnDisk(
      `${makeStore}
       "$2" export store kept.srm; mkdir module at; mount -o loop kept.srm module
       mount -t overlay -o lowerdir=module:base o at; cd at; find . | sort; getcap etc/b; stat -c '%a %u %g %Y' etc/a`,
    );
    expect(told).toMatch(/^Exported the changes in "store" .* as squashfs to ".*\/kept\.srm": /);
    expect(told.split("\n").slice(1)).toEqual([
      ...[".", "./etc", "./etc/a", "./etc/b", "./etc/dir", "./holes", "./link"],
      ...["etc/b cap_net_raw=ep", "4755 12 34 1000000000", ""],
    ]);
  });

  const refused: readonly (readonly [does: string, script: string, says: string])[] = [
    ["a new store", "mkdir store", "it is a new store without changes"],
    [
      "a file whose content is in the base",
      "mkdir -p store/upperdir; : > store/upperdir/a; setfattr -n trusted.overlay.metacopy store/upperdir/a",
      'Cannot carry "/a": its content is in the base',
    ],
  ];
  for (const [does, script, says] of refused)
    test(`refuses ${does}, and leaves nothing`, () => {
      const told = runOnDisk(`${script}; "$2" export store image 2>&1 && echo done; ls`);
      expect(told).toContain(says);
      expect(told).toMatch(/\nstore\n$/);
      expect(told).not.toContain("done");
    });

  const onSmall = (bytes: string) =>
    `truncate -s ${bytes} small; mkfs.ext4 -q -m 0 small; mkdir at; mount -o loop small at; rmdir at/lost+found
     mkdir -p store/upperdir; head -c 4000000 /dev/urandom > store/upperdir/a`;
  const places: readonly (readonly [
    where: string,
    script: string,
    file: string,
    status: number,
    says: RegExp,
  ])[] = [
    ["no directory", "", "no/at/image", 4, /no such directory: ".*no\/at"\nHint: .*mkdir -p /],
    ["a file for a directory", ": > at", "at/image", 2, /"\.\/at" is not a directory/],
    ["no name", "", '""', 2, /the name of FILE cannot be empty/],
    [
      "a read-only mount",
      `${onSmall("8M")}; mount -o remount,ro at`,
      "at/image",
      8,
      /".*\/at" is mounted read-only\nHint: .*: mount -o remount,rw \/.*\/at\n/,
    ],
    ...["image", "one.tar", "one.tar.gz", "one.srm"].map(
      (name) =>
        [
          `no room for ${name}`,
          onSmall(name === "one.tar.gz" ? "6M" : "4M"),
          `at/${name}`,
          7,
          /No space left on device.*\nHint: free some room/i,
        ] as const,
    ),
  ];
  for (const [where, script, file, status, says] of places)
    test(`with ${where} says so, and leaves nothing`, () => {
      const told = runOnDisk(
        `mkdir -p store/upperdir; : > store/upperdir/b; ${script}
         "$2" export store ${file} 2>&1 || echo "status $?"; ls -A at 2>&1 | grep -vx at || :`,
      );
      expect(told).toMatch(says);
      expect(told).toMatch(new RegExp(`\nstatus ${status}\n(ls: .*\n)?$`));
      expect(told).not.toContain("/proc/self");
    });

  test("makes an image in a directory whose name has a new line", () => {
    const told = runOnDisk(
      `${makeStore}; name=$(printf 'a\\nb\\\\c'); "$2" export store "$name/" > /dev/null
       "$2" import "$name" back > /dev/null; cat back/upperdir/etc/a`,
    );
    expect(told).toBe("one\n");
  });

  test.skipIf(forImages.length > 0)(`makes what umoci unpacks${noteOf(forImages)}`, () => {
    const told = runOnDisk(
      `${makeStore}
       "$2" export store image > /dev/null; skopeo copy -q oci:image oci:copied:tagged
       umoci unpack --image copied:tagged bundle > /dev/null 2>&1; cd bundle/rootfs
       stat -c '%a %u %g %Y %h %n' etc/a etc/b; stat -c %s holes; readlink link; ls etc
       cd ../..; "$2" import copied:tagged back > /dev/null
       for i in store back; do (cd $i/upperdir; find . ! -name gone -printf '%p %y %m %U %G %s %l\\n' | sort) > $i.list; done
       diff store.list back.list`,
    );
    expect(told.split("\n")).toEqual([
      ...["4755 12 34 1000000000 2 etc/a", "4755 12 34 1000000000 2 etc/b", "2097156"],
      ...["../nowhere", "a", "b", "dir", ""],
    ]);
  });

  test.skipIf(forRegistry.length > 0)(
    `goes through a registry and back${noteOf(forRegistry)}`,
    { timeout: 60_000 },
    async () => {
      const at = newDirectory();
      const port = await findPort();
      const config = join(at, "config.yml");
      writeFileSync(
        config,
        `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${at}/blobs}}\nhttp: {addr: "127.0.0.1:${port}"}\n`,
      );
      const registry = spawn("docker-registry", ["serve", config], { stdio: "ignore" });
      try {
        const ready = `for i in $(seq 100); do curl -fs http://127.0.0.1:${port}/v2/ && break; sleep 0.1; done > /dev/null`;
        const there = `docker://127.0.0.1:${port}/kept:one`;
        const told = runOnDisk(
          `${makeStore}; ${ready}
           "$2" export store image > /dev/null
           skopeo copy -q --dest-tls-verify=false oci:image ${there}; rm -r image
           skopeo copy -q --src-tls-verify=false ${there} oci:image:one
           "$2" import image back > /dev/null; cd back/upperdir
           find . ! -type d -printf '%p %y %m %U %G %s\\n' | sort; getcap etc/a
           getfattr --only-values -n trusted.overlay.opaque etc/dir`,
        );
        expect(told.split("\n")).toEqual([
          ...["./etc/a f 4755 12 34 4", "./etc/b f 4755 12 34 4"],
          ...["./etc/gone c 0 0 0 0", "./holes f 644 0 0 2097156", "./link l 777 0 0 10"],
          ...["etc/a cap_net_raw=ep", "y"],
        ]);
      } finally {
        registry.kill("SIGKILL");
      }
    },
  );

  for (const name of ["kept.tar", "image"])
    test(`killed before any of its calls leaves ${name} whole or not at all, and runs again`, {
      timeout: 300_000,
    }, () => {
      const at = newDirectory();
      const to = join(at, name);
      mkdirSync(join(at, "store/upperdir/etc"), { recursive: true });
      writeFileSync(join(at, "store/upperdir/etc/a"), "1\n");
      const words = [program, "export", join(at, "store"), to, "--quiet"];
      const calls = callsOf(words);
      const tell = () => run(["sh", "-c", 'find "$0" -type f -exec sha256sum {} + | sort', to]);
      const whole = tell();
      const renamed = calls.findLastIndex((call) => call.startsWith("rename"));
      for (let number = 1; number <= calls.length; number++) {
        rmSync(to, { recursive: true });
        const where = killBefore(words, number, calls);
        expect(existsSync(to), where).toBe(number - 1 > renamed);
        if (!existsSync(to)) run(words);
        expect(readdirSync(at).sort(), where).toEqual([name, "store"].sort());
        expect(tell(), where).toBe(whole);
      }
    });
});

async function findPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("there is no port");
  return address.port;
}
