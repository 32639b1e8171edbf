// "backstore adopt" in sessions that are in memory: what is kept is what the kernel's own overlay
// shows, over the same base; what changes meanwhile is named; and where there is no room, nothing is
// written.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildJudge } from "./build-judge.ts";
import { callsOf, stopAtCalls } from "./kill-at.ts";
import { type MemorySession, startSession } from "./memory-session.ts";
import { copyProgram, isRoot, rootNote, temporaryDirectory, tryRun } from "./programs.ts";

const directory = temporaryDirectory();
const program = copyProgram(directory);

/** An access control list that gives user 9 rights, as the kernel keeps it: u:9:rw. */
const access =
  "0x0200000001000600ffffffff020006000900000004000400ffffffff10000600ffffffff20000400ffffffff";

describe.skipIf(!isRoot)(`adopt${rootNote}`, () => {
  const judge = buildJudge("adopt-judge", directory);
  let session: MemorySession;
  beforeAll(async () => {
    session = await startSession({
      program,
      base: `mkdir -p base/etc base/opt/app; echo one > base/etc/a; echo two > base/etc/b
        echo three > base/gone; echo four > base/opt/app/old`,
      changes: `cd root; echo ONE > etc/a; ln etc/a etc/hard; rm gone; rm -r opt/app; mkdir opt/app
        cp /bin/true opt/app/set; chown 7:8 opt/app/set; chmod 4755 opt/app/set
        touch capable; setcap cap_net_raw+ep capable; setfattr -n system.posix_acl_access -v ${access} etc/b; mkfifo pipe
        setfattr -n system.posix_acl_default -v ${access} opt; mknod node c 1 3; chmod 604 node; ln -s /no/where link
        truncate -s 30M sparse; printf x | dd of=sparse bs=1 seek=20000000 conv=notrunc status=none
        setfattr -h -n trusted.mark -v m link; chmod 555 opt
        mkdir "$(printf 'a\\033[2Jb\\nc')"; : > "$(printf 'a\\033[2Jb\\nc/\\377')"
        touch -d 1971-02-03 etc/b; touch -d 2200-01-01T00:00:00.123456789 "$(printf 'a\\033[2Jb\\nc')"
        touch -h -d 1969-12-31T23:00:00Z link; cd ..`,
    });
  });

  afterAll(() => session?.end());

  test("keeps generated sessions as the kernel shows them", { timeout: 240_000 }, () => {
    const { status, stderr } = tryRun([...judge, program, "40"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  /** All that can be said of a tree, from the top down. */
  const list = `list() { cd $1; find . -path ./proc -o -printf '%P %y %m %U:%G %n %t %l\\n' | LC_ALL=C sort
    find . -type f -exec sha256sum {} + | LC_ALL=C sort
    find . -print0 | LC_ALL=C sort -z | xargs -0 getfattr -h -d -m - -e hex | grep -Ev 'trusted.(overlay|SGI_ACL)'
    cd ..; }`;

  const stores = [
    { name: "a directory", words: ["/mnt/host/one"], at: "host/one" },
    { name: "a new file", words: ["/mnt/host/one.bs"], at: "at" },
    { name: "a new file of xfs", words: ["/mnt/host", "350", "--type", "xfs"], at: "at" },
  ];
  for (const { name, words, at } of stores)
    test(`keeps every kind of file and attribute in ${name}`, { timeout: 60_000 }, () => {
      const { status, stdout, stderr } = session.adopt(...words);
      expect([status, stderr]).toEqual([0, ""]);
      expect(stdout).toMatch(/^Kept this session in "\/mnt\/host\/.*" \(\d+ paths, 80\.0 KiB\)\n/);
      const told = session.beside(`${list}
        if [ ${at} = at ]; then mkdir at; mount -o loop host/*.bs at; fi
        mkdir ${at}/work again
        mount -t overlay -o "lowerdir=base,upperdir=${at}/upperdir,workdir=${at}/work,index=off" kept again
        mkdir session; mount --bind root session
        list session > one; list again > two; diff one two; stat -c %b again/sparse
        umount again session; rmdir again session; [ ${at} != at ] || umount at
        rm -rf host/*.bs host/one at`);
      expect(Number(told)).toBeLessThan(100);
    });

  test("makes an empty store full, and no other", () => {
    session.beside("mkdir host/empty host/other; touch host/other/file");
    const { status, stdout } = session.adopt("/mnt/host/empty", "--only", "/etc", "--json");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ planned: false, kind: "directory", store: "/mnt/host/empty", changed: [], lost: [] },
      ...{ isUsed: false, options: "cow_label=kept cow_directory=empty", entries: 5 },
    });
    expect(session.beside("cd host/empty; find | sort; rm -r ../empty")).toBe(
      [".", "./upperdir", "./upperdir/etc", "./upperdir/etc/a", "./upperdir/etc/b"]
        .concat("./upperdir/etc/hard", "")
        .join("\n"),
    );
    expect(session.adopt("/mnt/host/other").stderr).toContain("is not a store and not empty");
    session.beside("rm -r host/other");
  });

  test("makes a store on a device, and completes one that was interrupted", {
    timeout: 60_000,
  }, () => {
    const device = session.beside("truncate -s 128M stick; losetup --show -f stick").trim();
    const words = ["--device", device, "--label", "KEEP", "--only", "/etc"];
    try {
      const planned = session.adopt(...words, "--dry-run");
      expect(planned.stdout).toContain(`Create an ext4 file system of 128.0 MiB on "${device}"`);
      const { status, stdout, stderr } = session.adopt(...words, "--yes", "--json");
      expect([status, stderr]).toEqual([0, ""]);
      expect(JSON.parse(stdout)).toMatchObject({
        ...{ kind: "device", store: device, options: "cow_label=KEEP", changed: [], entries: 5 },
      });
      const list = `mkdir at; mount ${device} at; cd at; find persistent_ | LC_ALL=C sort`;
      const told = session.beside(`${list}; cd ..; umount at; rmdir at`).split("\n");
      expect(told).toContain("persistent_/x86_64/upperdir/etc/hard");
      expect(session.adopt(...words).status).toBe(8);
      // As a run leaves it that was killed while it wrote.
      session.beside(`${list}; mv persistent_/x86_64/upperdir persistent_/x86_64/upperdir.import
        rm persistent_/x86_64/upperdir.import/etc/a; cd ..; umount at; rmdir at`);
      const completed = { status: 0, stdout: "", stderr: "" };
      expect(session.adopt(...words, "--quiet")).toMatchObject(completed);
      expect(session.beside(`${list}; cd ..; umount at; rmdir at`).split("\n")).toEqual(told);
      const large = session.adopt(
        "--device",
        device,
        "--label",
        "KEEP",
        "--erase",
        "KEEP",
        "--type",
        "xfs",
      );
      expect(large.stderr).toContain("an xfs file system needs 300.0 MiB");
    } finally {
      session.beside(`losetup -d ${device}; rm stick`);
    }
  });

  test("shows what it would do, and does nothing", () => {
    const { status, stdout } = session.adopt("/mnt/host/a.bs", "--dry-run");
    expect(status).toBe(0);
    expect(stdout).toContain('Create the store "/mnt/host/a.bs" of 256.0 MiB (ext4)\n');
    expect(stdout).toMatch(/^Keep this session in "\/mnt\/host\/a\.bs" \(\d+ paths, /m);
    expect(session.beside("ls host")).toBe("backstore\nlost+found\n");
  });

  test("writes nothing where there is no room", () => {
    session.beside("dd if=/dev/urandom of=root/large bs=1M count=20 status=none");
    for (const [words, says] of [
      [["/mnt/host/a.bs", "16"], "a store of 16.0 MiB has no room for the 2"],
      [["/mnt/host/a.bs", "21"], "and only 1"],
      [["/mnt/host/a.bs", "2000"], 'Cannot create "/mnt/host/a.bs" of 1.9'],
      [["/mnt/full/one"], "and only "],
    ] as const) {
      session.beside(`mkdir -p full; [ -e small ] || { truncate -s 18M small; mkfs.ext4 -q small; }
        mountpoint -q root/mnt/full || mount -o loop small root/mnt/full`);
      const { status, stdout, stderr } = session.adopt(...words);
      expect(stderr).toContain(says);
      expect([status, stdout]).toEqual([7, ""]);
      expect(session.beside("ls host; ls root/mnt/full")).toBe(
        "backstore\nlost+found\nlost+found\n",
      );
    }
    session.beside("umount root/mnt/full; rm small; rm root/large");
  });

  test("names what has changed when all is written", { timeout: 60_000 }, async () => {
    // The list of calls would not show where a name with a newline ends.
    const line = "/mnt/host/backstore adopt /mnt/host/kept --only /etc --json > /mnt/told";
    const words = session.inside("sh", "-c", line);
    const synced = callsOf(words).findLastIndex((call) => call.startsWith("syncfs"));
    expect(synced).toBeGreaterThan(10);
    session.beside("rm -r host/kept");
    let stops = 0;
    // Stopped before the last call that writes: what is compared is still to come.
    const ended = await stopAtCalls(words, synced, () => {
      if (stops++ > 0) return undefined;
      session.beside(`cd root/etc; echo TWO > a; rm hard; echo new > "$(printf 'n\\033')"
        chmod 600 b; mkdir made`);
      return undefined;
    });
    expect(ended).toBe(0);
    expect(JSON.parse(session.beside("cat told")).changed.sort()).toEqual([
      ...["/etc/a", "/etc/b", "/etc/hard", "/etc/made", "/etc/n\u001b"],
    ]);
    session.beside("rm -r host/kept told root/etc/n* root/etc/made");
  });

  test("refuses a session that is persistent, and names the one that copies stores", async () => {
    session.beside("mkdir -p host/kept/upperdir host/kept/workdir host/root");
    const other = session.beside(`mount -t overlay -o \
        "lowerdir=/mnt/base,upperdir=/mnt/host/kept/upperdir,workdir=/mnt/host/kept/workdir" kept host/root
      for each in proc sys dev mnt run usr; do mount --rbind /$each host/root/$each; done
      chroot host/root /mnt/host/backstore adopt /mnt/host/two 2>&1 || echo $?
      umount --recursive --lazy host/root; rm -r host/root host/kept`);
    expect(other).toBe(
      [
        'backstore: Cannot keep this session: its changes are kept already, in "/mnt/host/kept/upperdir"',
        "Hint: to have them in another store as well: backstore copy STORE TARGET",
        "8\n",
      ].join("\n"),
    );
  });
});
