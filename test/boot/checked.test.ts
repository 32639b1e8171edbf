// Whole boots on stores that were not closed cleanly, on a machine in memory.
import { describe, expect, test } from "vitest";
import * as formats from "../support/formats.ts";
import type { Content } from "../support/memory/content.ts";
import { directory, type Tree } from "../support/memory/entry.ts";
import { image } from "../support/memory/image.ts";
import type { Program } from "../support/memory.ts";
import { type Booted, checkers, start, stick } from "./start.ts";

const kept = "persistent_RESCUE1100/x86_64";
const used: Tree = { upperdir: { etc: { motd: "changed\n" } }, workdir: {} };

/**
 * Makes an ext4 file system with a store in it whose superblock has these bits in s_state: 1
 * unmounted, 2 errors.
 */
function store(state: number, tree: Tree = used): Content {
  const bytes = formats.ext("ext4", "store");
  new DataView(bytes.buffer, bytes.byteOffset).setUint16(1024 + 0x3a, state, true);
  return image({ type: "ext4", tree: { [kept]: tree }, pieces: [{ offset: 0, bytes }] });
}

/** Makes e2fsck end this way on a copy, and well on the store itself. */
function e2fsck(onCopy: ReturnType<Program>): Readonly<Record<string, Program>> {
  return {
    ...checkers,
    e2fsck: ({ argv }) => (argv.at(-1) === "/dev/sdb" ? { status: 1 } : onCopy),
  };
}

const undecided = { status: 4, stdout: "Inode 12 has invalid mode.\n\nUNEXPECTED INCONSISTENCY" };
const mended = { status: 1, stdout: "Inode 12 ref count is 3, should be 1.  FIXED.\n" };

function boot(
  state: number,
  programs: Readonly<Record<string, Program>>,
  { words = "", stdin = "", tree = used } = {},
): Booted {
  const disks = [stick(), { name: "sdb", content: store(state, tree) }];
  return start(`cow_label=store ${words}`, { disks, programs, stdin });
}

function messages({ verdict }: Booted): string[] {
  return (verdict.problems ?? []).map((one) => ("message" in one ? `${one.message}` : ""));
}

const repair = "(boot with backstore=off and run: backstore check --repair /dev/sdb)";

describe("boot()", () => {
  test("boot() checks nothing where the store was closed cleanly", () => {
    const booted = boot(1, {});
    expect(booted.verdict.session).toBe("persistent");
    expect("check" in booted.verdict).toBe(false);
    expect(booted.console).not.toContain("checking");
  });

  test("boot() says that it checks, and nothing where all is well", () => {
    const booted = boot(0, checkers);
    expect(booted.verdict).toMatchObject({
      session: "persistent",
      check: { result: "clean", tool: "e2fsck" },
      problems: [],
    });
    expect(booted.console).toMatch(
      /^backstore: checking the ext4 file system of the store .* of \/dev\/sdb .* because it was not cleanly unmounted \(at most 60 seconds\)\nbackstore: Persistent session on .*\n$/,
    );
  });

  test("boot() uses a store that was repaired, and tells it", () => {
    const booted = boot(0, e2fsck(mended));
    expect([booted.verdict.session, booted.motd]).toEqual(["persistent", "changed\n"]);
    expect(messages(booted)).toEqual([
      expect.stringMatching(
        /^The ext4 file system of the store .* was repaired .* should be 1\. {2}FIXED\."$/,
      ),
    ]);
  });

  test("boot() reads a store that somebody has to decide over, and names the command", () => {
    const booted = boot(0, e2fsck(undecided));
    expect([booted.verdict.session, booted.motd]).toEqual(["readonly", "changed\n"]);
    const [message] = messages(booted);
    expect(message).toMatch(
      /^Cannot keep changes: .* its ext4 file system is damaged .*has invalid mode\."/,
    );
    expect(message?.endsWith(repair)).toBe(true);
    expect(booted.verdict).toMatchObject({ check: { result: "damaged" } });
    expect(booted.console.split("\n").filter((line) => line !== "")).toHaveLength(3);
  });

  test("boot() stops before a store that somebody has to decide over where one is required", () => {
    const booted = boot(0, e2fsck(undecided), { words: "backstore=required" });
    expect(booted.verdict.session).toBe("stopped");
    expect(booted.console).toContain(repair);
  });

  test("boot() reads such a store where a person takes it after the stop", () => {
    const booted = boot(0, e2fsck(undecided), { words: "backstore=required", stdin: "1\n" });
    expect([booted.verdict.session, booted.motd]).toEqual(["readonly", "changed\n"]);
  });

  test("boot() goes on with required where somebody asked for a store that is only read", () => {
    const booted = boot(1, checkers, { words: "backstore=required,readonly" });
    expect(booted.verdict.session).toBe("readonly");
  });

  test("boot() uses a store without a checker, and says that it was not checked", () => {
    const booted = boot(0, {});
    expect(booted.verdict).toMatchObject({
      session: "persistent",
      check: { result: "unchecked", says: "neither initramfs nor base has a checker for ext4" },
    });
    expect(messages(booted)).toEqual([expect.stringMatching(/ was not checked although /)]);
  });

  test("boot() does not wait for a checker that has no end", () => {
    const booted = boot(0, { ...checkers, e2image: () => ({ takesMs: 3_600_000 }) });
    expect(booted.verdict.session).toBe("persistent");
    expect(messages(booted)).toEqual([
      expect.stringMatching(/ was not checked .*: e2image took longer than 60 seconds$/),
    ]);
  });

  test("boot() writes to a store with errors only when they are repaired", () => {
    const repaired = boot(3, e2fsck({ status: 1 }));
    expect(messages(repaired)).toEqual([
      expect.stringMatching(/because the kernel recorded errors in it: e2fsck found nothing else$/),
    ]);
    const sessions = [repaired, boot(3, {}), boot(3, e2fsck({ takesMs: 3_600_000 }))].map(
      ({ verdict }) => verdict.session,
    );
    expect(sessions).toEqual(["persistent", "readonly", "readonly"]);
  });

  test.each([
    ["was cut off", 1, 1, "persistent", 42],
    ["was cut off, and shut cleanly as it seems", 2, 1, "persistent", 42],
    ["was given back", 0xff4d4d50, 1, "persistent", 0],
    ["is being checked elsewhere", 0xe24d4d50, 0, "readonly", 0],
  ])(
    "boot() says how long a protected store is waited for that %s",
    (_, number, state, session, seconds) => {
      const bytes = formats.change(formats.protectedExt4("store", number), ["u16le", 1082, state]);
      const tree = { [kept]: used };
      const content = image({ type: "ext4", tree, pieces: [{ offset: 0, bytes }] });
      const booted = start("cow_label=store", {
        disks: [stick(), { name: "sdb", content }],
        programs: checkers,
      });
      expect([booted.verdict.session, booted.motd]).toEqual([session, "changed\n"]);
      const [, waited = "0"] = /protection: waiting (\d+) seconds/.exec(booted.console) ?? [];
      expect(Number(waited)).toBe(seconds);
      expect(messages(booted)).toEqual(
        session === "persistent"
          ? []
          : [expect.stringMatching(/by its multiple mount protection.*clear_mmp \/dev\/sdb\)$/)],
      );
    },
  );

  test("boot() shows what can be seen of a store in which not everything can", () => {
    const disks = [stick(), { name: "sdb", content: store(1) }];
    const faults = [
      {
        call: "linkStatus",
        naming: `/run/initramfs/backstore/look/store/${kept}/upperdir/etc`,
        errno: "EUCLEAN",
      },
    ] as const;
    const { verdict, motd } = start("cow_label=store backstore=readonly", { disks, faults });
    expect([verdict.session, motd]).toEqual(["readonly", "changed\n"]);
    // What was not inspected may be there.
    expect(verdict).toMatchObject({ store: { overlay: expect.stringContaining("metacopy=on") } });
  });

  test("boot() does not write to a store whose record names overlay options that nobody knows", () => {
    const record = JSON.stringify({ format: 1, id: "a", overlay: "index=off,later=on" });
    const booted = boot(1, checkers, { tree: { ...used, "backstore.json": record } });
    expect([booted.verdict.session, booted.motd]).toEqual(["readonly", "changed\n"]);
    expect(messages(booted).at(-1)).toContain('does not know, "index=off,later=on" (');
  });

  test("boot() does not write to a store whose changes need what the kernel does not have", () => {
    const overlay = "index=off,metacopy=off,xino=off,redirect_dir=on";
    const record = JSON.stringify({ format: 1, id: "a", overlay });
    const xattrs = new Map([["trusted.overlay.redirect", new Uint8Array([0x61])]]);
    const tree = { ...used, "upperdir/b": directory({}, { xattrs }), "backstore.json": record };
    const booted = boot(1, checkers, { tree });
    expect(booted.verdict.session).toBe("readonly");
    expect(messages(booted)).toEqual([
      expect.stringContaining(
        "written with overlayfs redirect_dir, which this kernel does not support",
      ),
    ]);
  });
});
