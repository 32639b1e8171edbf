// Boots in memory on full stores: with a ballast, and without.
import { describe, expect, test } from "vitest";
import * as formats from "../support/formats.ts";
import { file, link, type Tree } from "../support/memory/entry.ts";
import { image } from "../support/memory/image.ts";
import { type Booted, start, stick } from "./start.ts";

const mebibyte = 2 ** 20;
const directory = "persistent_RESCUE1100/x86_64";
const kept = { [`${directory}/upperdir/etc/motd`]: "changed\n" };
const ballast = { [`${directory}/backstore.ballast`]: file(new Uint8Array(4 * mebibyte), 0o600) };

interface Room {
  readonly bytes?: number;
  /** All of it by default. */
  readonly leftBytes?: number;
}

/** Boots on an ext4 file system with so much space left. */
function startOn(tree: Tree, { bytes = 64 * mebibyte, leftBytes }: Room): Booted {
  const taken = Object.keys(tree).includes(`${directory}/backstore.ballast`) ? 4 * mebibyte : 0;
  const fillBytes = leftBytes === undefined ? 0 : bytes - leftBytes - taken - 4096;
  const content = image({
    type: "ext4",
    bytes,
    tree: {
      ...tree,
      ...(fillBytes > 0 ? { "lost+found/fill": file(new Uint8Array(fillBytes)) } : {}),
    },
    pieces: [{ offset: 0, bytes: formats.ext("ext4", "store") }],
  });
  return start("cow_label=store", { disks: [stick(), { name: "sdb", content }] });
}

const messages = ({ verdict }: Booted) =>
  (verdict.problems ?? []).map((problem) => ("message" in problem ? problem.message : ""));

describe("boot()", () => {
  test("boot() makes a ballast where the store has room", () => {
    const { verdict } = startOn(kept, {});
    expect(verdict).toMatchObject({ session: "persistent", ballast: "made", problems: [] });
  });

  test("boot() makes none in a small store, nor beside somebody's data", () => {
    expect(startOn(kept, { bytes: 10 * mebibyte }).verdict).toMatchObject({ ballast: null });
    expect(startOn({ ...kept, photos: {} }, {}).verdict).toMatchObject({ ballast: null });
  });

  test("boot() keeps a ballast while there is other room", () => {
    const { verdict } = startOn({ ...kept, ...ballast }, { leftBytes: 5 * mebibyte });
    expect(verdict).toMatchObject({ session: "persistent", ballast: "kept", problems: [] });
  });

  test("boot() releases the ballast of a full store, and tells everybody", () => {
    const booted = startOn({ ...kept, ...ballast }, { leftBytes: 0, bytes: 16 * mebibyte });
    expect(booted.verdict).toMatchObject({ session: "persistent", ballast: "released" });
    expect(messages(booted)).toEqual([
      expect.stringMatching(
        /^The store was full: its ballast of 4\.0 MiB was released, and 3\.9 MiB is free now; delete /,
      ),
    ]);
    expect(booted.console).toMatch(/every change is kept\n.*The store was full: /);
    expect(booted.motd).toBe("changed\n");
  });

  test("boot() releases nothing where a link or an empty file has the name of the ballast", () => {
    for (const there of [link("/etc/motd"), file("")]) {
      const tree = { ...kept, [`${directory}/backstore.ballast`]: there };
      const { verdict } = startOn(tree, { bytes: 10 * mebibyte });
      expect(verdict).toMatchObject({ session: "persistent", ballast: null, problems: [] });
    }
  });

  test("boot() only reads a full store without a ballast, and says what can be done", () => {
    const booted = startOn(kept, { leftBytes: 0, bytes: 16 * mebibyte });
    expect(booted.verdict).toMatchObject({ session: "readonly", ballast: null });
    expect(messages(booted)).toEqual([
      expect.stringMatching(
        /^Cannot keep changes: the store is full .*; boot with backstore=off, mount \/dev\/sdb and delete /,
      ),
    ]);
    expect(booted.motd).toBe("changed\n");
  });

  test("boot() runs in memory where there is no room for a new store", () => {
    const booted = startOn({}, { leftBytes: 0, bytes: 16 * mebibyte });
    expect(booted.verdict.session).toBe("volatile");
    expect(messages(booted)[0]).toMatch(/has no changes yet .*the store is full/);
  });
});
