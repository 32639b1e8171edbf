// "backstore import", "copy" and "export" killed before each of their calls that change something, where
// the target is the file of a store, a device, or a module of the base: there is nothing, an empty
// store, or all; and the next run finishes.
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callsOf, killBefore } from "./kill-at.ts";
import { inNamespace, runScript } from "./namespaces.ts";
import { copyProgram, isRoot, rootNote, run, temporaryDirectory } from "./programs.ts";

const directory = temporaryDirectory();
const program = copyProgram(directory);
const at = join(directory, "at");

const list = `cd "$1"; ls -A; find upperdir -printf '%p %y %m %U:%G %n %l %T@\\n' | LC_ALL=C sort
  find upperdir -type f -exec sha256sum {} + | LC_ALL=C sort; getfattr -R -h -d -m - upperdir | LC_ALL=C sort`;

/** Lists what is in a store on a device or in a file; undefined where nothing can be mounted. */
function listStore(source: string, below = ""): string | undefined {
  const mount = `mount -o ro,loop "$1" /mnt 2> /dev/null || exit 0; echo mounted; set -- "/mnt/$2"
    [ -e "$1/upperdir" ] || { ls -A "$1" 2> /dev/null || :; exit 0; }; ${list}`;
  const told = run([...inNamespace, "sh", "-euc", mount, "sh", source, below]);
  return told.startsWith("mounted\n") ? told.slice("mounted\n".length) : undefined;
}

/** Times of devices that are made anew differ. */
const withoutMade = (told: string | undefined) =>
  told?.replaceAll(/^(\S+ (?:c|l) .*) [\d.]+$/gm, "$1");

describe.skipIf(!isRoot)(`changes that are carried, killed${rootNote}`, () => {
  let device = "";
  beforeAll(() => {
    mkdirSync(join(at, "out"), { recursive: true });
    runScript(
      at,
      `mkdir -p store/upperdir/etc/dir old/work; cd store/upperdir; echo one > etc/a; ln etc/a etc/b; chmod 4755 etc/a
       mknod gone c 0 0; setfattr -n trusted.overlay.opaque -v y etc/dir; setfattr -n user.x -v y etc/a; cd ../..
       cp -a store/upperdir old/upper; truncate -s 4M empty; mkfs.ext4 -q empty; truncate -s 80M stick`,
    );
    device = run(["losetup", "--show", "--find", join(at, "stick")]).trim();
  });
  afterAll(() => void (device && run(["losetup", "--detach", device])));

  const file = join(at, "out/sysrcd.bs");
  const toDevice = () => ["--device", device, "--label", "KEPT", "--yes", "--quiet"];
  const emptyDevice = () =>
    run(["dd", "if=/dev/zero", `of=${device}`, "bs=1M", "count=1", "conv=notrunc", "status=none"]);
  const below = "persistent_/x86_64";

  const cases: readonly {
    readonly name: string;
    readonly words: () => readonly string[];
    readonly start: () => void;
    readonly look: () => string | undefined;
    /** Which calls are new here; the others are those of "create". */
    readonly from?: (calls: readonly string[]) => number;
  }[] = [
    {
      name: "import into an empty file",
      words: () => ["import", join(at, "old"), file, "--quiet"],
      start: () => run(["cp", join(at, "empty"), file]),
      look: () => listStore(file),
    },
    {
      name: "copy to a new file",
      words: () => ["copy", join(at, "store"), file, "8", "--quiet"],
      start: () => rmSync(file, { force: true }),
      look: () => (existsSync(file) ? listStore(file) : undefined),
      from: (calls) => calls.findIndex((call) => call.startsWith("rename")),
    },
    {
      name: "copy to a device",
      words: () => ["copy", join(at, "store"), ...toDevice()],
      start: emptyDevice,
      look: () => listStore(device, below),
    },
    {
      name: "import to a device that has the file system already",
      words: () => ["import", join(at, "old"), ...toDevice()],
      start: () => run(["mkfs.ext4", "-q", "-F", "-L", "KEPT", device]),
      look: () => listStore(device, below),
    },
  ];
  for (const { name, words, start, look, from = () => 0 } of cases)
    test(`${name} leaves nothing half, and the next run finishes`, { timeout: 300_000 }, () => {
      const argv = [program, ...words()];
      start();
      const calls = callsOf(argv);
      const whole = withoutMade(look());
      expect(whole).toMatch(/^(?:lost\+found\n)?upperdir\n/);
      expect(whole).toContain("upperdir/etc/a f 4755 0:0 2");
      const renamed = calls.findLastIndex((call) => call.startsWith("rename"));
      expect(renamed, calls.join("\n")).toBeGreaterThan(10);
      for (let number = from(calls) + 1; number <= calls.length; number++) {
        start();
        const where = killBefore(argv, number, calls);
        const found = look();
        const isThere = found?.includes("upperdir\n") === true;
        expect([where, isThere]).toEqual([where, number - 1 > renamed]);
        if (!isThere) {
          const names = found?.split("\n") ?? [];
          for (const one of names)
            expect(["", "lost+found", "upperdir.import"], where).toContain(one);
          run(argv);
        }
        expect([where, withoutMade(look())]).toEqual([where, whole]);
        expect(readdirSync(join(at, "out")).filter((one) => one !== "sysrcd.bs")).toEqual([]);
      }
      rmSync(file, { force: true });
    });

  test("export as a module leaves it whole or not at all, and the next run finishes", {
    timeout: 300_000,
  }, () => {
    const to = join(at, "out/kept.srm");
    const argv = [program, "export", join(at, "store"), to, "--quiet"];
    const tell = () => run(["unsquashfs", "-lls", to]);
    const calls = callsOf(argv);
    const whole = tell();
    expect(whole).toContain("etc/a\n");
    const renamed = calls.findLastIndex((call) => call.startsWith("rename"));
    expect(renamed, calls.join("\n")).toBeGreaterThan(10);
    for (let number = 1; number <= calls.length; number++) {
      rmSync(to);
      const where = killBefore(argv, number, calls);
      expect([where, existsSync(to)]).toEqual([where, number - 1 > renamed]);
      if (!existsSync(to)) run(argv);
      expect([where, readdirSync(join(at, "out"))]).toEqual([where, ["kept.srm"]]);
      expect([where, tell()]).toEqual([where, whole]);
    }
  });
});
