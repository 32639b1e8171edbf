// The add-on by the executable, and its hooks in the shells of other initramfs.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { addonHooks } from "../../src/core/initramfs/addon-contents.ts";
import { isRoot, run, temporaryDirectory, tryRun } from "./programs.ts";

const binary = resolve("dist/backstore");
const directory = temporaryDirectory();

/** Unpacks an add-on, and returns the directory. */
function unpack(file: string, name: string): string {
  const to = join(directory, name);
  mkdirSync(to);
  run(["sh", "-c", `gzip -dc "$1" | cpio -id --quiet -D "$2"`, "sh", file, to]);
  return to;
}

describe("initramfs --addon", () => {
  const output = join(directory, "addon.img");
  const names = [...new Set(addonHooks.map(({ file }) => file))];

  test("writes the program and the hooks of this tree", () => {
    expect(run([binary, "initramfs", "--addon", "--output", output])).toMatch(
      new RegExp(
        `^Wrote ".*addon\\.img", [\\d.]+ [KM]iB: the program and ${names.length} hooks\n$`,
      ),
    );
    const root = unpack(output, "root");
    expect(readFileSync(join(root, "backstore-init")).equals(readFileSync(binary))).toBe(true);
    for (const { path, file } of addonHooks)
      expect(readFileSync(join(root, path), "utf8")).toBe(
        readFileSync(join("initramfs", file), "utf8"),
      );
  });

  test("writes the same file again, and the build the same as well", () => {
    const again = join(directory, "again.img");
    run([binary, "initramfs", "--addon", "--output", again]);
    for (const file of [again, "dist/backstore-addon.img"])
      expect(readFileSync(file).equals(readFileSync(output)), file).toBe(true);
  });

  test("says what it would write, and writes nothing", () => {
    const none = join(directory, "none.img");
    const said = run([binary, "initramfs", "--addon", "--output", none, "--dry-run"]);
    expect(said).toBe(
      `Would write "${none}": the program and ${names.length} hooks (${names.join(", ")})\n`,
    );
    expect(existsSync(none)).toBe(false);
  });

  for (const [what, path] of [
    ["below /dev", "/dev/addon.img"],
    ["in memory", "/dev/shm/addon.img"],
    ["in what the kernel shows", "/proc/addon.img"],
  ] as const)
    test(`writes nothing ${what}, as create does, unless --force is given`, () => {
      const argv = [binary, "initramfs", "--addon", "--output", path];
      for (const words of [argv, [...argv, "--dry-run"]]) {
        const refused = tryRun(words);
        expect([refused.status, refused.stdout]).toEqual([8, ""]);
        expect(refused.stderr).toMatch(
          /^backstore: Cannot write ".*\nHint: name a directory on a disk/,
        );
      }
      expect(existsSync(path)).toBe(false);
      expect(tryRun([...argv, "--dry-run", "--force"]).status).toBe(0);
    });

  test("takes no option for modules, and needs a file to write", () => {
    const both = tryRun([binary, "initramfs", "--addon", "--modules", "x", "--output", output]);
    expect([both.status, both.stderr]).toEqual([
      2,
      expect.stringContaining("--addon and --modules cannot be combined"),
    ]);
    expect(tryRun([binary, "initramfs", "--addon"]).stderr).toContain("--output is required");
  });
});

/** Where it cannot write: what root has to do for that, the status, and the reason. */
const obstacles = [
  ["on a full disk", "mount -t tmpfs -o size=400k none .", 7, "no space left on device"],
  ["on a read-only disk", "mount -t tmpfs -o ro none .", 3, "read-only file system"],
  ["where it may not write", "chown 1:1 .; chmod 0755 .", 3, "permission denied"],
  ["where it may not look", "chown 1:1 .; chmod 0700 .", 3, "permission denied"],
] as const;

describe.skipIf(!isRoot)("initramfs --addon, as root", () => {
  for (const [index, [where, script, status, reason]] of obstacles.entries())
    test(`${where} says why, and leaves nothing`, () => {
      const place = join(directory, `obstacle-${index}`);
      mkdirSync(place);
      const file = join(place, "addon.img");
      // As root without its right to do everything with files.
      const limited = "setpriv --bounding-set=-dac_override,-dac_read_search";
      const argv = [binary, "initramfs", "--addon", "--force", "--output", file];
      const whole = `cd "$1"; ${script}; cd "$1"; shift; status=0; ${limited} "$@" || status=$?; ls -A; exit $status`;
      const ended = tryRun(["unshare", "--mount", "sh", "-euc", whole, "sh", place, ...argv]);
      expect(ended).toMatchObject({
        status,
        stdout: "",
        stderr: `backstore: Cannot write "${file}": ${reason}\n`,
      });
    });
});

describe("hooks", () => {
  const hook = readFileSync("initramfs/initramfs-tools/zz-backstore", "utf8");
  const udev = '/scripts/init-bottom/udev "$@"\n[ -e /conf/param.conf ] && . /conf/param.conf\n';

  /** Sources the hook in a shell, twice, with another ORDER. */
  function source(shell: readonly string[], order: string): string {
    const file = join(directory, "ORDER");
    writeFileSync(file, order);
    const script = hook
      .replaceAll("/scripts/init-bottom/ORDER", file)
      .replace("-x /backstore-init", "-x /bin/sh");
    run([...shell, "-e", "-u", "-c", `${script}\n${script}\necho done`]);
    return readFileSync(file, "utf8");
  }

  for (const shell of [["dash"], ["busybox", "sh"]])
    test(`that of initramfs-tools puts the program first, once, in ${shell.join(" ")}`, () => {
      expect(source(shell, udev)).toBe(`/backstore-init takeover "$rootmnt"\n${udev}`);
    });

  test("that of initramfs-tools does nothing where there are no scripts, or no program", () => {
    const script = hook.replaceAll("/scripts/init-bottom/ORDER", join(directory, "missing"));
    expect(run(["dash", "-e", "-u", "-c", `${script}\necho done`])).toBe("done\n");
    const file = join(directory, "ORDER");
    writeFileSync(file, udev);
    const without = hook.replaceAll("/scripts/init-bottom/ORDER", file);
    expect(run(["dash", "-e", "-u", "-c", `${without}\necho done`])).toBe("done\n");
    expect(readFileSync(file, "utf8")).toBe(udev);
    expect(existsSync(join(directory, "missing"))).toBe(false);
  });

  test("mkinitramfs gets nothing from its hook where the root is no live system's", () => {
    const place = join(directory, "destination");
    mkdirSync(join(place, "scripts/init-bottom"), { recursive: true });
    const hookScript = resolve("initramfs/initramfs-tools/install/backstore");
    expect(run(["env", `DESTDIR=${place}`, hookScript])).toBe("");
    expect(existsSync(join(place, "backstore-init"))).toBe(false);
  });

  test("those of MX go on when the program fails, as do the functions of linux-live's init", () => {
    const mx = '. initramfs/mx/7.sh; echo "went on"';
    expect(run(["dash", "-c", `${mx};${mx}`])).toBe("went on\nwent on\n");
    const pivot = ". initramfs/linux-live/backstore-linux-live.sh; PATH=/none; pivot_root . x";
    expect(tryRun(["busybox", "sh", "-c", `${pivot}; echo "went on"`]).stdout).toBe("went on\n");
  });

  test("that of dracut goes on when the program fails", () => {
    expect(
      run(["dash", "-c", '. "$1"; echo "went on"', "dash", "initramfs/dracut/95-backstore.sh"]),
    ).toBe("went on\n");
  });
});
