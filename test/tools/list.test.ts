// "backstore list", the real program, on stores of the real tools: its output for each, and that no
// byte changes, whether they are clean, unclean or in use.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { digestFile } from "./digest.ts";
import { directory, ext4, makeStore, users } from "./explain-call.ts";
import { isRoot, run } from "./programs.ts";

interface Listed {
  readonly stores: readonly Readonly<Record<string, unknown>>[];
  readonly unseen: readonly Readonly<Record<string, unknown>>[];
  readonly boot: { readonly session: string };
}

function list(words: readonly string[], prefix: readonly string[] = []): string {
  const [name = "", ...rest] = [...prefix, join(directory, "backstore"), "list", ...words];
  const ended = spawnSync(name, rest, { encoding: "utf8", cwd: directory, timeout: 30_000 });
  expect([ended.status, ended.signal, ended.stderr]).toEqual([0, null, ""]);
  return ended.stdout;
}

function listJson(images: readonly string[], prefix: readonly string[] = []): Listed {
  return JSON.parse(list([...images.flatMap((image) => ["--image", image]), "--json"], prefix));
}

function digest(name: string): string {
  return digestFile(join(directory, name));
}

/** Runs a script in a private mount namespace; "$1" is the directory of the test. */
function inMounts(script: string): string {
  return run(["unshare", "--mount", "sh", "-euc", `cd "$1"; ${script}`, "sh", directory]);
}

const timeout = 60_000;

const kinds = [
  { type: "ext4", mkfs: ext4, megabytes: 16 },
  { type: "xfs", mkfs: ["mkfs.xfs", "-q", "-f"], megabytes: 300 },
  { type: "btrfs", mkfs: ["mkfs.btrfs", "-q"], megabytes: 128 },
] as const;

/**
 * Copies a file system while it is mounted and its last changes are only in the log, as if the
 * power had failed.
 */
function cutOff(image: string, name: string): string {
  inMounts(`mkdir -p at; mount -o loop ${image} at
    mkdir -p at/upperdir at/workdir at/persistent_X/x86_64/upperdir
    umount at; mount -o loop ${image} at
    echo changed > at/upperdir/motd; sync at/upperdir/motd
    cp --sparse=always ${image} ${name}; umount at`);
  return name;
}

describe.skipIf(!isRoot)("backstore list as root (skipped without root)", () => {
  for (const { type, mkfs, megabytes } of kinds) {
    const makeBoth = () => {
      const image = makeStore(type, [...mkfs, "-L", "kept"], megabytes);
      return { image, cut: cutOff(image, `${type}-cut.img`) };
    };

    test(`tells what ${type} holds, and whether it was left in order, and changes nothing`, {
      timeout,
    }, () => {
      const { image, cut } = makeBoth();
      const before = [image, cut].map(digest);
      const { stores } = listJson([image, cut]);
      expect(
        stores.map(({ device, kind, state, path, clean }) => [device, kind, state, path, clean]),
      ).toEqual([
        [image, "directory", "used", "/", true],
        [image, "directory", "used", "/persistent_X/x86_64", true],
        [cut, "directory", "used", "/", false],
        [cut, "directory", "used", "/persistent_X/x86_64", false],
      ]);
      expect([image, cut].map(digest)).toEqual(before);
    });

    test(`tells of a file store that is ${type}, and changes nothing`, { timeout }, () => {
      const { image, cut } = makeBoth();
      const hosts = [image, cut].map((store, index) => {
        const host = makeStore(
          `host-${type}-${index}`,
          [...ext4, "-L", `host${index}`],
          megabytes + 48,
        );
        inMounts(
          `mkdir -p at; mount -o loop ${host} at; cp --sparse=always ${store} at/sysrcd.bs
          fallocate -l ${megabytes}M at/sysrcd.bs; umount at`,
        );
        return host;
      });
      const before = hosts.map(digest);
      const { stores } = listJson(hosts);
      expect(stores).toMatchObject(
        hosts.map((host, index) => ({
          device: host,
          kind: "file",
          state: "used",
          path: "/sysrcd.bs",
          bytes: megabytes * 2 ** 20,
          inner: { type, label: "kept" },
          sparse: false,
          clean: index === 0,
          inUse: null,
          unfinished: null,
        })),
      );
      for (const { usedBytes } of stores) expect(usedBytes).toBeGreaterThan(0);
      expect(hosts.map(digest)).toEqual(before);
    });

    test(`looks into ${type} where it is mounted, as a boot would find it`, { timeout }, () => {
      makeBoth();
      inMounts(`mount -o loop ${type}.img at
        ./backstore list --image ${type}.img --json --cmdline \
          'cow_label=kept cow_directory=persistent_X/x86_64' > told; umount at`);
      const { stores, boot }: Listed = JSON.parse(readFileSync(join(directory, "told"), "utf8"));
      const inUse = { by: "mount", where: join(directory, "at") };
      expect(stores).toMatchObject([
        { path: "/", state: "used", chosen: false, inUse },
        { path: "/persistent_X/x86_64", state: "used", chosen: true, inUse },
      ]);
      expect(boot.session).toBe("persistent");
    });
  }

  describe("a btrfs with subvolumes", () => {
    const inner = "persistent_X/x86_64";
    /** Makes one with a store in each of several subvolumes, and another in its top. */
    const makeSubvolumes = () => {
      const image = makeStore("subvolumes", ["mkfs.btrfs", "-q", "-L", "kept"], 128);
      inMounts(`mkdir -p at; mount -o loop ${image} at
        for name in @live system/deep system/deep/snapshots/one; do
          mkdir -p "at/$(dirname $name)"; btrfs subvolume create at/$name >&2
          mkdir -p at/$name/${inner}/upperdir at/$name/${inner}/workdir
        done
        mkdir -p at/${inner}/upperdir at/${inner}/workdir at/plain/${inner}/upperdir
        umount at`);
      return image;
    };
    const seeIn = (image: string, cmdline: string) => {
      const words = ["--image", image, "--json", "--cmdline", cmdline];
      const { stores, boot }: Listed = JSON.parse(list(words));
      return {
        session: boot.session,
        chosen: stores.filter(({ chosen }) => chosen).map(({ subvolume }) => subvolume),
        subvolumes: stores.map(({ subvolume, path }) => [subvolume, path]),
        reasons: new Map(stores.map(({ subvolume, reason }) => [subvolume, reason])),
      };
    };

    const flags: readonly (readonly [flags: string, chosen: unknown])[] = [
      ["", null],
      ["cow_flags=subvol=@live", "@live"],
      ["cow_flags=noatime,subvol=/system/deep", "system/deep"],
      ["cow_flags=subvolid=5", null],
      ["cow_flags=subvol=system/deep/snapshots/one", "system/deep/snapshots/one"],
    ];
    for (const [told, chosen] of flags)
      test(`sees all stores, and that a boot with "${told}" uses one of them`, { timeout }, () => {
        const image = makeSubvolumes();
        const before = digest(image);
        const options = `cow_label=kept cow_directory=${inner} ${told}`;
        const seen = seeIn(image, options);
        expect(seen.session).toBe("persistent");
        expect(seen.chosen).toEqual([chosen]);
        const deeper = "system/deep/snapshots/one";
        const names = [null, "@live", "system/deep", ...(chosen === deeper ? [deeper] : [])];
        expect(seen.subvolumes).toEqual(names.map((name) => [name, `/${inner}`]));
        expect(digest(image)).toBe(before);
      });

    test("the options that it tells for a store lead a boot to it", { timeout }, () => {
      const image = makeSubvolumes();
      inMounts(`mount -o loop ${image} at; btrfs subvolume set-default at/@live; umount at`);
      const { reasons, subvolumes } = seeIn(image, "");
      expect(subvolumes.map(([name]) => name)).toEqual([null, "/", "system/deep"]);
      for (const [name, reason] of reasons) {
        const [, options = ""] = /([^;]*) would choose it$/.exec(String(reason)) ?? [];
        expect(seeIn(image, options)).toMatchObject({ session: "persistent", chosen: [name] });
      }
    });

    test("a subvolume that is not there leaves the others seen, and none chosen", () => {
      const image = makeSubvolumes();
      const seen = seeIn(image, `cow_label=kept cow_directory=${inner} cow_flags=subvol=@other`);
      expect(seen).toMatchObject({ session: "volatile", chosen: [] });
      expect(seen.subvolumes.map(([name]) => name)).toEqual([null, "@live", "system/deep"]);
    });

    test("the same is seen, and checked, while a subvolume of it is mounted", { timeout }, () => {
      const image = makeSubvolumes();
      inMounts(`mount -o loop,subvol=@live ${image} at; touch at/changed
        ./backstore list --image ${image} --json --cmdline \
          'cow_label=kept cow_directory=${inner} cow_flags=subvol=system/deep' > told
        ./backstore check at/${inner} --json > checked || true
        ./backstore check --image ${image} --json > all || true; umount at`);
      const read = (name: string) => JSON.parse(readFileSync(join(directory, name), "utf8"));
      const { stores, boot }: Listed = read("told");
      expect(boot.session).toBe("persistent");
      expect(stores.map(({ subvolume, chosen }) => [subvolume, chosen])).toEqual([
        [null, false],
        ["@live", false],
        ["system/deep", true],
      ]);
      expect(read("checked").stores).toMatchObject([{ kind: "directory", state: "used" }]);
      expect(read("all").stores.map(({ state }: { state: string }) => state)).toEqual([
        "used",
        "used",
        "used",
      ]);
    });
  });

  // Otherwise the kernel continues making the file system after it is mounted.
  const settled = ["-E", "lazy_itable_init=0,lazy_journal_init=0"];
  const host = () => {
    const image = makeStore("host", [...ext4, ...settled, "-L", "host"], 64);
    const inner = makeStore("inner", [...ext4, ...settled, "-L", "kept"], 16);
    inMounts(`mkdir -p at inner lower merged; mount -o loop ${image} at
      cp --sparse=never ${inner} at/sysrcd.bs; mkdir -p at/persistent_X/x86_64/upperdir
      mkdir -p at/persistent_X/x86_64/workdir; umount at`);
    return image;
  };
  // ext4 writes when its first file is opened; pending writes must not look like the program's.
  const own = `cat at/sysrcd.bs inner/upperdir/* > /dev/null || true; sync -f inner; sync -f at
    sha256sum host.img > before; ./backstore list --image host.img --json > told
    sync -f inner; sync -f at; sha256sum host.img > after`;
  const uses = [
    {
      title: "a mount",
      script: `mount -o loop host.img at; ${own}; umount at`,
      users: [null, { by: "mount", where: "at" }],
    },
    {
      title: "an overlay",
      script: `mount -o loop host.img at; d=$1/at/persistent_X/x86_64
        mount -t overlay -o "lowerdir=$1/lower,upperdir=$d/upperdir,workdir=$d/workdir" overlay merged
        ${own}; umount merged; umount at`,
      users: [null, { by: "overlay", where: "merged" }],
    },
    {
      title: "a file that is mounted",
      script: `mount -o loop host.img at; mount -o loop at/sysrcd.bs inner; ${own}; umount inner; umount at`,
      users: [
        { by: "mount", where: "inner" },
        { by: "mount", where: "at" },
      ],
    },
    {
      title: "a loop device",
      script: `mount -o loop host.img at; loop=$(losetup --find --show at/sysrcd.bs); ${own}; losetup -d $loop; umount at`,
      users: [
        { by: "loop", where: expect.stringMatching(/^\/dev\/loop\d+$/) },
        { by: "mount", where: "at" },
      ],
    },
  ];
  for (const { title, script, users: expected } of uses) {
    test(`tells what is in use by ${title}, and changes nothing`, { timeout }, () => {
      host();
      inMounts(script);
      const read = (name: string) => readFileSync(join(directory, name), "utf8");
      expect(read("after")).toBe(read("before"));
      const { stores }: Listed = JSON.parse(read("told"));
      expect(stores.map(({ path, inUse }) => [path, inUse])).toEqual([
        ["/sysrcd.bs", place(expected[0])],
        ["/persistent_X/x86_64", place(expected[1])],
      ]);
      for (const { inUse, clean } of stores) if (inUse !== null) expect(clean).toBe(null);
    });
  }

  test("leaves no trace of its own mounts in a mounted ext4, which notes where it is first read", () => {
    host();
    inMounts("mount -o loop host.img at; ./backstore list --image host.img > told; umount at");
    const noted = /^Last mounted on: +(.*)$/m.exec(
      run(["dumpe2fs", "-h", join(directory, "host.img")]),
    );
    expect(noted?.[1]).toBe(join(directory, "at"));
  });
});

test("backstore list for an ordinary user says what cannot be looked into without root", () => {
  const image = makeStore("user", [...ext4, "-L", "kept"]);
  const [, prefix] = users[0] ?? expect.fail("nobody calls");
  const { stores, unseen } = listJson([image], prefix);
  expect(stores).toEqual([]);
  expect(unseen).toMatchObject([
    { device: image, label: "kept", reason: "it cannot be inspected without root" },
  ]);
});

/** Mount points of the test's table are below its directory. */
function place(user: { by: string; where: unknown } | null | undefined): unknown {
  if (typeof user?.where !== "string") return user;
  return { ...user, where: join(directory, user.where) };
}
