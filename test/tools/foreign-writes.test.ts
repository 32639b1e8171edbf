// Stores that go from our sessions to another system and back, with the overlay of this machine's
// kernel: what the other one writes with redirect_dir, metacopy and index on, as archiso does with
// the defaults of Arch's kernels, is read as it was written, the verdict says what was found, and
// the other system can go on with what ours has written.
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { makeMedium } from "../machines/disks/media.ts";
import { type FileSystemType, writeStore } from "../machines/disks/stores.ts";
import { makeBase } from "../machines/guest/base.ts";
import { buildSession, type JudgedSession, SessionJudge } from "../power-cuts/judge-session.ts";
import { rescueMedium } from "../power-cuts/sessions.ts";
import { commandLink } from "../support/command-link.ts";
import { inNamespace } from "./namespaces.ts";
import { isRoot, type Outcome, run, temporaryDirectory, tryRun } from "./programs.ts";

const directory = temporaryDirectory();
const kept = "persistent_RESCUE1100/x86_64";
const archiso = "redirect_dir=on,metacopy=on,index=on";

const none = "index=off,metacopy=off,xino=off,redirect_dir=nofollow";
const followed = "index=off,metacopy=off,xino=off,redirect_dir=follow";
const all = "index=off,metacopy=on,xino=off,redirect_dir=on";
const mounted = /^Another system, or a boot .*\): its changes need no other overlay options$/;
const follows = /^Another system has written to .* used with redirect_dir=follow now/;
const copies = /^Another system has written to .* used with redirect_dir=on and metacopy=on now/;

/** One way to change a store elsewhere. */
interface Row {
  readonly does: string;
  readonly script: string;
  readonly type?: FileSystemType;
  /** With which options ours goes on, and what it says. */
  readonly overlay: string;
  readonly says: RegExp;
}

const rename = "mv srv/from srv/to; echo more > srv/to/c";
const chmod = "chmod 0600 srv/mode";
const everything = `echo edited > etc/motd; rm srv/gone.txt; rm -r srv/gone; mkdir srv/gone; echo new > srv/gone/new
${rename}; ${chmod}; ln etc/motd srv/linked; echo both >> srv/linked; chown 1000:1000 usr/local/bin/tool
setfattr -n user.mark -v theirs srv/link-target; ln -s to srv/link-to; mkfifo srv/fifo`;

const rows: readonly Row[] = [
  { does: "an edited file", script: "echo edited > etc/motd", overlay: none, says: mounted },
  { does: "a deleted file", script: "rm srv/gone.txt", overlay: none, says: mounted },
  { does: "a deleted directory", script: "rm -r srv/gone", overlay: none, says: mounted },
  {
    does: "a directory made anew in the place of one of the base",
    script: "rm -r srv/opaque; mkdir srv/opaque; echo new > srv/opaque/new",
    overlay: none,
    says: mounted,
  },
  {
    does: "hard links of a new file, and a file of ours deleted",
    script: "echo a > srv/a; ln srv/a srv/b; ln srv/a etc/c; echo more >> srv/b; rm srv/ours",
    overlay: none,
    says: mounted,
  },
  { does: "a renamed directory of the base", script: rename, overlay: followed, says: follows },
  {
    does: "a renamed directory of the base in one of ours",
    script: "mv srv/from srv/our-directory/to",
    overlay: followed,
    says: follows,
  },
  { does: "another mode of a file of the base", script: chmod, overlay: all, says: copies },
  {
    does: "another owner of a file of the base",
    script: "chown 1000:1000 srv/mode",
    overlay: all,
    says: copies,
  },
  {
    does: "an attribute of a file of the base",
    script: "setfattr -n user.mark -v theirs srv/mode",
    overlay: all,
    says: copies,
  },
  {
    does: "another mode and another name of a file of the base",
    script: "chmod 0600 srv/mode; mv srv/mode srv/mode-too",
    overlay: all,
    says: copies,
  },
  {
    does: "a hard link of a file of the base",
    script: "ln srv/mode srv/hard; echo more >> srv/hard",
    overlay: none,
    says: mounted,
  },
  ...(["ext4", "xfs", "btrfs"] as const).map(
    (type): Row => ({
      does: `all of it on ${type}`,
      script: everything,
      type,
      overlay: all,
      says: copies,
    }),
  ),
];

/** The last session is always open: what ends one is the shutdown program. */
function others({ boot }: JudgedSession): readonly string[] {
  return (boot?.problems ?? [])
    .map(({ message }) => message)
    .filter((message) => !/^The last session .* did not end cleanly/.test(message));
}

const ours = "echo ours > srv/ours; mkdir srv/our-directory; echo ours > srv/our-directory/file";
const listTree =
  "busybox sh bin/list-tree /sysroot /etc /srv /usr; getfattr -h -R -m '^user\\.' -d etc srv usr 2> /dev/null | sort";

/** Changes a store as another system does; returns the merged tree. */
function writeElsewhere(store: string, script: string, base = makeBase("squashfs")) {
  const words = ["test/machines/disks/foreign-writes.sh", store, base, archiso, kept, script];
  return tryRun([...inNamespace, ...words]);
}

function linesOf({ stdout }: Outcome): readonly string[] {
  return stdout.split("\n").filter((line) => line !== "");
}

/** Returns the tree that a session of ours has listed, without what it has of its own. */
function treeOf({ said }: JudgedSession): readonly string[] {
  expect(said).toContain(commandLink);
  return said.filter((line) => line !== commandLink);
}

/** Makes a store, and what starts sessions of ours on it. */
function makeStore({
  type = "ext4",
  medium = rescueMedium(),
}: {
  type?: FileSystemType;
  medium?: string;
}) {
  const image = join(directory, "store.img");
  writeStore({ type, label: "store", path: image });
  const bytes = Number(run(["stat", "-c", "%s", image]));
  const open = (from: string) =>
    new SessionJudge({
      medium: from,
      image,
      partition: { offset: 0, bytes },
      type,
      commandLine: "cow_label=store",
      files: [],
    });
  return { image, judge: open(medium), open };
}

describe.skipIf(!isRoot)("a store that another system writes to (mounting needs root)", () => {
  beforeAll(buildSession, 120_000);

  for (const { does, script, type, overlay, says } of rows)
    test(`it is read as it was written after ${does}, and goes back`, async () => {
      const { image, judge } = makeStore({ ...(type && { type }) });
      try {
        expect(await judge.judge(ours)).toMatchObject({ complaints: [], boot: { problems: [] } });
        const theirs = writeElsewhere(image, script);
        expect(theirs.status, theirs.stderr).toBe(0);
        const tree = linesOf(theirs);
        expect(tree.filter((line) => /: .*(not permitted|error|Stale)/.test(line))).toEqual([]);

        const first = await judge.judge(listTree);
        expect(first).toMatchObject({ complaints: [], boot: { session: "persistent" } });
        expect(first.boot?.store?.overlay).toBe(overlay);
        expect(others(first)).toEqual([expect.stringMatching(says)]);
        expect(treeOf(first)).toEqual(tree);

        const second = await judge.judge(`echo again > srv/again; ${listTree}`);
        expect(others(second)).toEqual([]);
        expect(second.boot?.store?.overlay).toBe(overlay);

        const back = writeElsewhere(image, "true");
        expect(back.status, back.stderr).toBe(0);
        expect(linesOf(back)).toEqual(treeOf(second));
      } finally {
        judge.close();
      }
    });

  test("one that the other system has made goes on as it was made, and back and forth", async () => {
    const { image, judge } = makeStore({});
    try {
      const made = writeElsewhere(image, everything);
      expect(made.status, made.stderr).toBe(0);
      const first = await judge.judge(listTree);
      expect(first).toMatchObject({ complaints: [], boot: { problems: [] } });
      expect([first.boot?.store?.overlay, treeOf(first)]).toEqual([all, linesOf(made)]);
      const changed = writeElsewhere(image, "mv srv/opaque srv/moved; chmod 0700 srv/to");
      expect(changed.status, changed.stderr).toBe(0);
      const second = await judge.judge(listTree);
      expect(others(second)).toEqual([expect.stringMatching(mounted)]);
      expect([second.boot?.store?.overlay, treeOf(second)]).toEqual([all, linesOf(changed)]);
    } finally {
      judge.close();
    }
  });

  test("it is used with another base, which the other system refuses to do", async () => {
    const { image, judge, open } = makeStore({});
    const other = makeBase("erofs");
    const judgeOther = open(
      makeMedium("foreign-writes", {
        kind: "ext4",
        label: "RESCUE1100",
        tree: { "sysresccd/x86_64/airootfs.erofs": { file: other } },
      }),
    );
    try {
      await judge.judge(ours);
      const theirs = writeElsewhere(image, everything);
      expect(theirs.status, theirs.stderr).toBe(0);
      expect(writeElsewhere(image, "true", other).stderr).toMatch(/Stale file handle/);

      const judged = await judgeOther.judge(listTree);
      expect(judged).toMatchObject({ complaints: [], boot: { session: "persistent" } });
      expect(others(judged)).toEqual([
        expect.stringMatching(copies),
        expect.stringMatching(/^The base is .*: changed files stay as they are/),
      ]);
      expect(treeOf(judged)).toEqual(linesOf(theirs));
    } finally {
      judge.close();
      judgeOther.close();
    }
  });

  test("it is noticed on a file system that records no birth times", async () => {
    const { image, judge } = makeStore({});
    run(["mkfs.ext4", "-q", "-F", "-I", "128", "-L", "store", image]);
    try {
      await judge.judge(ours);
      // Its times are whole seconds.
      run(["sh", "-c", "second=$(date +%s); while [ $(date +%s) = $second ]; do sleep 0.02; done"]);
      expect(writeElsewhere(image, rename).status).toBe(0);
      expect(others(await judge.judge())).toEqual([expect.stringMatching(follows)]);
      expect(others(await judge.judge())).toEqual([]);
    } finally {
      judge.close();
    }
  });

  const olders = [
    ["nothing where nobody has written", "true", none, []],
    [
      "what is needed where somebody has",
      rename,
      followed,
      [/^Another system has written to .* since its last session with backstore: it is used with/],
    ],
  ] as const;
  for (const [says, script, overlay, messages] of olders)
    test(`a record of a version that recorded no mount says ${says}`, async () => {
      const { image, judge } = makeStore({});
      const record = `/run/initramfs/backstore/store/${kept}/backstore.json`;
      try {
        // Like one that is not there, as it is not valid.
        await judge.judge(`sed -i 's/"kind": "born"/"kind": ""/' ${record}`);
        if (script !== "true") expect(writeElsewhere(image, script).status).toBe(0);
        const judged = await judge.judge();
        expect(others(judged)).toEqual(messages.map((one) => expect.stringMatching(one)));
        expect(judged.boot?.store?.overlay).toBe(overlay);
        expect(others(await judge.judge())).toEqual([]);
      } finally {
        judge.close();
      }
    });
});
