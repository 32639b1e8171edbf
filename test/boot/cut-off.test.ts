// Boots in memory on stores that were not unmounted cleanly: what is in a journal is invisible to
// inspection, and counts anyway.
import { describe, expect, test } from "vitest";
import { decodeUtf8 } from "../../src/core/bytes/utf.ts";
import { formatResizeRecord } from "../../src/core/stores/resize-record.ts";
import * as formats from "../support/formats.ts";
import type { Content } from "../support/memory/content.ts";
import { allocated } from "../support/memory/edited.ts";
import { directory, file, put, type Tree } from "../support/memory/entry.ts";
import { image } from "../support/memory/image.ts";
import { type Booted, start, stick } from "./start.ts";

const kept = "persistent_RESCUE1100/x86_64";
const overlay = "index=off,metacopy=off,xino=off,redirect_dir=nofollow";
const session = { state: "open", boot: "boot-7", machine: "Box 7", count: 7 };
const used: Tree = { upperdir: { etc: { motd: "changed\n" } }, workdir: {} };

function record(fields: object = {}): string {
  return JSON.stringify({ format: 1, id: "the-first", overlay, ...fields });
}

/** Makes an xfs file system whose log contains what is in `logged`. */
function xfs(tree: Tree, logged?: Tree): Content {
  const pieces = [{ offset: 0, bytes: formats.xfs("store") }];
  return image({ type: "xfs", bytes: 256 << 20, tree, pieces, ...(logged && { logged }) });
}

/** Boots on a directory store of which `seen` is visible, and `logged` after a replay. */
function startOn(seen: Tree, logged: Tree, words = ""): { booted: Booted; content: Content } {
  const content = xfs({ [kept]: seen }, { [kept]: logged });
  const disks = [stick(), { name: "sdb", content }];
  return { booted: start(`cow_label=store ${words}`, { disks }), content };
}

/** Returns the text of a file; undefined if there is none. */
function textOf(content: Content | undefined, path: string): string | undefined {
  const found = content?.imageAt(0)?.fileSystem.find(path)?.content;
  return found && decodeUtf8(found.read(0, found.length));
}

function messages({ verdict }: Booted): string[] {
  return (verdict.problems ?? []).map((problem) =>
    "message" in problem ? `${problem.message}` : "",
  );
}

describe("boot()", () => {
  const hidden: readonly (readonly [is: string, seen: Tree, before: unknown])[] = [
    ["no record", used, undefined],
    ["an older record", { ...used, "backstore.json": record() }, undefined],
    ["nothing", {}, undefined],
  ];
  for (const [is, seen] of hidden)
    test(`boot() goes on with the record in the journal where ${is} is seen`, () => {
      const logged = { ...used, "backstore.json": record({ session, more: "kept" }) };
      const { booted, content } = startOn(seen, logged);
      expect([booted.verdict.session, booted.motd]).toEqual(["persistent", "changed\n"]);
      expect(messages(booted)).toEqual([
        expect.stringMatching(/^The last session on the store .* did not end cleanly/),
      ]);
      expect(booted.verdict).toMatchObject({ store: { new: false, lastSession: session } });
      expect(JSON.parse(textOf(content, `/${kept}/backstore.json`) ?? "")).toMatchObject({
        id: "the-first",
        more: "kept",
        session: { state: "open", count: 8 },
      });
    });

  test("boot() goes on as planned where the journal holds nothing new of the store", () => {
    const { booted, content } = startOn(used, used);
    expect([booted.verdict.session, messages(booted)]).toEqual(["persistent", []]);
    expect(JSON.parse(textOf(content, `/${kept}/backstore.json`) ?? "")).toMatchObject({
      id: "8a4be3d2",
      session: { count: 1 },
    });
  });

  test("boot() does not write to a store whose record in the journal is of a newer format", () => {
    const newer = record({ format: 2 });
    const { booted, content } = startOn(used, { ...used, "backstore.json": newer });
    expect([booted.verdict.session, booted.motd]).toEqual(["readonly", "changed\n"]);
    expect(messages(booted)).toEqual([expect.stringMatching(/format 2/)]);
    expect(textOf(content, `/${kept}/backstore.json`)).toBe(newer);
  });

  test("boot() leaves the journal alone in a session that is to be read-only, and says what that means", () => {
    const logged = { upperdir: { etc: { motd: "newer\n" } }, workdir: {} };
    const { booted, content } = startOn(used, logged, "backstore=readonly");
    expect([booted.verdict.session, booted.motd]).toEqual(["readonly", "changed\n"]);
    expect(messages(booted)).toEqual([
      expect.stringMatching(
        /^The last changes to the store .* may be missing: they are still in its/,
      ),
    ]);
    expect(content.imageAt(0)?.fileSystem.logged).toBeDefined();
  });

  test("boot() obeys backstore=base= for the base that only the journal tells of", () => {
    const base = { label: "RESCUE904", image: "old.sfs", release: "9.04", fingerprint: "f904" };
    const logged = { ...used, "backstore.json": record({ base }) };
    const sessions = ["base=readonly", "base=volatile"].map(
      (word) => startOn(used, logged, `backstore=${word}`).booted.verdict.session,
    );
    expect(sessions).toEqual(["readonly", "volatile"]);
  });

  const noStores: readonly (readonly [is: string, logged: Tree, reason: RegExp])[] = [
    ["a store of the first generation", { ".wh..wh.aufs": "" }, /first generation/],
    ["somebody's files", { photos: {} }, /not a store and not empty/],
    ["a file in the place of its changes", { upperdir: "" }, /not a directory/],
  ];
  for (const [is, logged, reason] of noStores)
    test(`boot() leaves ${is} untouched, which only the journal shows`, () => {
      const { booted, content } = startOn({}, logged);
      expect([booted.verdict.session, messages(booted)]).toEqual([
        "volatile",
        [expect.stringMatching(reason)],
      ]);
      expect(content.imageAt(0)?.fileSystem.names(`/${kept}`)).toEqual(Object.keys(logged));
    });

  test("boot() finds what the changes need that only the journal shows", () => {
    const xattrs = new Map([["trusted.overlay.metacopy", new Uint8Array(0)]]);
    const motd = Object.assign(file(""), { xattrs });
    const { booted } = startOn(used, { upperdir: { etc: directory({ motd }) }, workdir: {} });
    expect(booted.verdict).toMatchObject({
      session: "persistent",
      store: { overlay: expect.stringContaining("metacopy=on") },
    });
  });

  for (const errno of ["EBADMSG", "EUCLEAN"])
    test(`boot() goes on where nothing can be read without the journal (${errno})`, () => {
      const content = xfs(
        { [kept]: used },
        { [kept]: { ...used, "backstore.json": record({ session }) } },
      );
      const naming = `/run/initramfs/backstore/look/store/${kept}`;
      const faults = [{ call: "listBelow", naming, errno, times: 1 } as const];
      const disks = [stick(), { name: "sdb", content }];
      const booted = start("cow_label=store", { disks, faults });
      expect(booted.verdict).toMatchObject({
        session: "persistent",
        store: { new: false, lastSession: session },
      });
      expect(booted.motd).toBe("changed\n");
    });

  test("boot() says so where nothing can be read after the journal either", () => {
    const content = xfs({ [kept]: used }, { [kept]: used });
    const faults = ["look/store", "store"].map((place) => {
      const naming = `/run/initramfs/backstore/${place}/${kept}`;
      return { call: "listBelow", naming, errno: "EBADMSG" } as const;
    });
    const disks = [stick(), { name: "sdb", content }];
    const { verdict } = start("cow_label=store", { disks, faults });
    expect(verdict.session).toBe("volatile");
    expect(JSON.stringify(verdict)).toMatch(/Cannot make sure that .* is unchanged/);
  });

  test("boot() does not write to a store that is another each time it is mounted", () => {
    const content = xfs({ [kept]: used }, { [kept]: used });
    const fileSystem = content.imageAt(0)?.fileSystem ?? expect.fail("it holds nothing");
    let count = 0;
    fileSystem.replay = () => {
      const text = record({ session: { ...session, count: ++count } });
      put(fileSystem.root, `${kept}/backstore.json`, file(text));
    };
    const disks = [stick(), { name: "sdb", content }];
    const booted = start("cow_label=store", { disks });
    expect([booted.verdict.session, booted.motd]).toEqual(["readonly", "changed\n"]);
    expect(booted.console).toMatch(
      /could not be opened for writing: Cannot use the store .* as it was inspected: replaying its journal has changed it/,
    );
    expect(textOf(content, `/${kept}/backstore.json`)).toBe(
      record({ session: { ...session, count } }),
    );
  });

  test("boot() does not touch a file whose host's journal says that it is half of one size", () => {
    const inner = xfs(used);
    const store = file({ ...inner, allocated: inner.length });
    const intent = formatResizeRecord({
      operation: "shrink",
      from: 256 << 20,
      to: 128 << 20,
      stage: "applying",
      scratch: "/tmp/x",
    });
    const torn = { "sysrcd.bs": store, "sysrcd.bs.backstore-intent": intent };
    const content = xfs({ "sysrcd.bs": store }, torn);
    const { verdict } = start("backstore=alldev", { disks: [stick(), { name: "sdb", content }] });
    expect([verdict.session, verdict.problems]).toEqual([
      "readonly",
      [
        {
          message: expect.stringMatching(/an interrupted resize must be completed first/),
          isReason: true,
        },
      ],
    ]);
    expect(inner.imageAt(0)?.fileSystem.names("/")).toEqual(Object.keys(used));
  });

  test("boot() says that a file may be there where only a host's journal tells of it", () => {
    const inner = xfs(used);
    const content = xfs({}, { "sysrcd.bs": file({ ...inner, allocated: inner.length }) });
    const { verdict } = start("backstore=alldev", { disks: [stick(), { name: "sdb", content }] });
    expect([verdict.session, messages({ verdict } as Booted)]).toEqual([
      "volatile",
      [expect.stringMatching(/was found \(\/dev\/sdb: .* after its journal is replayed/)],
    ]);
    expect(content.imageAt(0)?.fileSystem.logged).toBeDefined();
  });

  test("boot() tells that it has taken a growth back also where it looks again after that", () => {
    const inner = xfs(used, { ...used, "backstore.json": record({ session }) });
    const [from, to] = [256 << 20, 264 << 20];
    const store = file(allocated(inner, 0, to));
    const scratch = "/tmp/x";
    const intent = formatResizeRecord({ operation: "grow", from, to, stage: "preparing", scratch });
    const tree = { "sysrcd.bs": store, "sysrcd.bs.backstore-intent": intent };
    const content = xfs(tree);
    const booted = start("backstore=alldev", { disks: [stick(), { name: "sdb", content }] });
    expect(booted.verdict).toMatchObject({
      session: "persistent",
      store: { bytes: from, lastSession: session },
    });
    expect(messages(booted)).toEqual([
      expect.stringMatching(/^Growing the store .* to 264\.0 MiB was interrupted/),
      expect.stringMatching(/^The last session on the store .* did not end cleanly/),
    ]);
    expect(content.imageAt(0)?.fileSystem.names("/")).toEqual(["sysrcd.bs"]);
  });

  test("boot() goes on with the record in the journal of a file store whose host has one too", () => {
    const inner = xfs(used, { ...used, "backstore.json": record({ session }) });
    const store = file({ ...inner, allocated: inner.length });
    const content = xfs({ "sysrcd.bs": store }, { "sysrcd.bs": store });
    const { verdict } = start("backstore=alldev", { disks: [stick(), { name: "sdb", content }] });
    expect(verdict).toMatchObject({ session: "persistent", store: { lastSession: session } });
    expect(JSON.parse(textOf(inner, "/backstore.json") ?? "")).toMatchObject({
      id: "the-first",
      session: { count: 8 },
    });
  });
});
