// "backstore adopt" killed before every single call that changes something: the store is not there,
// empty as a boot accepts it, or whole; and the next run completes it.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callsOf, killBefore } from "./kill-at.ts";
import { type MemorySession, startSession } from "./memory-session.ts";
import { copyProgram, isRoot, rootNote, temporaryDirectory, tryRun } from "./programs.ts";

const program = copyProgram(temporaryDirectory());

describe.skipIf(!isRoot)(`backstore adopt that is killed${rootNote}`, () => {
  let session: MemorySession;
  beforeAll(async () => {
    session = await startSession({
      program,
      base: "mkdir -p base/etc/app; echo one > base/etc/a; echo two > base/etc/app/b",
      changes: `cd root; echo ONE > etc/a; ln etc/a hard; chmod 600 etc/a; rm -r etc/app; mkdir etc/app
        setfattr -n user.x -v y etc/a; mknod pipe p; ln -s nowhere link; cd ..`,
    });
  });
  afterAll(() => {
    session?.beside(`losetup -d ${device} || :`);
    session?.end();
  });

  const list = (at: string) =>
    session.beside(`cd ${at}; find . -printf '%P %y %m %U:%G %n %T@ %l\\n' | LC_ALL=C sort
      find . -print0 | LC_ALL=C sort -z | xargs -0 getfattr -h -d -m -; find . -type f -exec cat {} +`);

  const device = "$(losetup --noheadings --output NAME --associated stick)";
  const targets = [
    {
      name: "a directory",
      words: ["/mnt/host/kept"],
      start: "rm -rf host/kept",
      /** Prints what is there, and shows the store at "at". */
      look: "ls -d host/kept* && mount --bind host/kept at || true",
    },
    {
      name: "an empty file",
      words: ["/mnt/host/kept.bs"],
      start: "cp host/empty host/kept.bs",
      look: "mount -o loop host/kept.bs at",
    },
    {
      name: "a device",
      words: ["--device", "DEVICE", "--label", "KEPT"],
      // What is made before is killed in carry-kills.test.ts.
      start: `mkfs.ext4 -q -F -L KEPT ${device}`,
      look: `mount ${device} on; [ ! -d on/*/x86_64 ] || mount --bind on/*/x86_64 at`,
    },
  ];
  for (const { name, words, start, look } of targets)
    test(`leaves nothing half in ${name}`, { timeout: 300_000 }, () => {
      session.beside(
        `[ -e host/empty ] || { truncate -s 4M host/empty; mkfs.ext4 -q host/empty; mkdir at on
          truncate -s 96M stick; losetup -f stick; }`,
      );
      const named = words.map((word) =>
        word === "DEVICE" ? session.beside(`echo ${device}`).trim() : word,
      );
      const argv = session.inside("/mnt/host/backstore", "adopt", ...named);
      const see = () => {
        session.beside(look);
        return session.beside("ls at").split("\n");
      };
      const close = () =>
        session.beside("for each in at on; do ! mountpoint -q $each || umount $each; done");
      session.beside(start);
      const calls = callsOf(argv);
      see();
      const whole = list("at/upperdir");
      close();
      expect(whole).toContain("etc/app d 755");
      const renamed = calls.findLastIndex((call) => call.startsWith("rename"));
      expect(renamed).toBeGreaterThan(30);
      for (let number = 1; number <= calls.length; number++) {
        session.beside(start);
        const where = killBefore(argv, number, calls);
        const names = see();
        const isKept = names.includes("upperdir");
        expect(isKept, where).toBe(number - 1 > renamed);
        if (isKept) expect(list("at/upperdir"), where).toBe(whole);
        for (const one of names)
          expect(["", "lost+found", "upperdir", "upperdir.import"]).toContain(one);
        close();
        if (isKept) continue;
        const next = tryRun(argv);
        expect([next.status, next.stderr], where).toEqual([0, ""]);
        // Each next run is the same; some are compared.
        if (number % 5 !== 1) continue;
        expect(see(), where).not.toContain("upperdir.import");
        expect(list("at/upperdir"), where).toBe(whole);
        close();
      }
    });
});
