// Stores that other live systems have written themselves, in guests that contain nothing of ours:
// Debian's live-boot with persistence, and dracut with an overlay on a disk. What is imported from
// them shows over the same base what their own session showed.

import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { runTool } from "../../scripts/lib/tool.ts";
import { buildJudge } from "../tools/build-judge.ts";
import { run, temporaryDirectory } from "../tools/programs.ts";
import { claimDirectory } from "./claim.ts";
import { writeMedium } from "./disks/media.ts";
import { writeStore } from "./disks/stores.ts";
import { writeActions } from "./guest/actions.ts";
import { makeBase } from "./guest/base.ts";
import { type DebianInitramfs, generate } from "./guest/debian-initramfs.ts";
import { inTurn } from "./in-turn.ts";
import { chooseLane, executeIn, kernelOf } from "./lane.ts";
import { dracut, label, liveBoot } from "./scenarios/addon-debian.ts";

/** A live system that keeps its changes. */
interface Peer {
  readonly name: string;
  readonly title: string;
  readonly initramfs: DebianInitramfs;
  /** Where it finds its base on a medium. */
  readonly image: string;
  readonly cmdline: string;
  /** The label of the disk that it keeps its changes on, and what the disk has at first. */
  readonly store: string;
  readonly makeContents: (directory: string, mediumId: string) => void;
  /** Where it has its upper directory, as its own mount says. */
  readonly mounts: RegExp;
  /** What is imported of the disk: its file, or a directory where it is mounted. */
  readonly imports: (mediumId: string) => {
    /** Empty for the file. */
    readonly path: string;
    /** The upper directory in it. */
    readonly upper: string;
  };
}

const peers: readonly Peer[] = [
  {
    ...{ name: "peer-live-boot", title: "the persistence of Debian's live-boot" },
    initramfs: { generator: "live-boot", release: "bookworm" },
    image: liveBoot.image,
    cmdline: `${liveBoot.cmdline} persistence quickusbmodules`,
    store: "persistence",
    makeContents(directory) {
      writeFileSync(join(directory, "persistence.conf"), "/ union\n");
    },
    mounts: /upperdir=\/(?:usr\/lib|run)\/live\/[^,]*\/rw,/,
    imports: () => ({ path: "", upper: "rw" }),
  },
  {
    ...{ name: "peer-dracut", title: "the overlay of dracut" },
    initramfs: { generator: "dracut-systemd", release: "trixie" },
    image: dracut.image,
    cmdline: `${dracut.cmdline} rd.live.overlay=LABEL=kept`,
    store: "kept",
    makeContents(directory, id) {
      for (const name of [nameOverlay(id), "LiveOS/ovlwork"])
        mkdirSync(join(directory, name), { recursive: true });
    },
    mounts: /upperdir=\/run\/overlayfs,/,
    imports: (id) => ({ path: nameOverlay(id), upper: nameOverlay(id) }),
  },
];

function nameOverlay(mediumId: string): string {
  return `LiveOS/overlay-${label}-${mediumId}`;
}

/** Directories of which the guest tells all. */
const told = "/etc /srv /usr /opt";

/** What a person does in the session, of each kind that an overlay has a form for. */
const edits = `
echo changed > /etc/motd; ln /etc/motd /etc/second
rm /srv/gone.txt; rm -r /srv/gone /srv/opaque; mkdir /srv/opaque; echo new > /srv/opaque/new
mv /srv/from /srv/moved; chmod 4711 /srv/mode; chown 7:8 /srv/link-target
mkdir /opt; chmod 1777 /opt; ln -s /no/where /opt/link; mknod /opt/null c 1 3; mkfifo /opt/pipe
echo odd > "/opt/$(printf 'two\\nlines')"; touch -d 2001-02-03 /opt/null
say_done upper grep ' / ' /proc/mounts
say_tree ${told}`;

const lane = chooseLane();
const missing = ["mmdebstrap"].filter((name) => spawnSync("which", [name]).status !== 0);
if (process.getuid?.() !== 0) missing.push("root");
const reason = missing.length === 0 ? "" : ` (skipped: no ${missing.join(", no ")})`;

describe.skipIf(missing.length > 0)(`what others have kept${reason}`, () => {
  const directory = temporaryDirectory();
  const judge = buildJudge("peer-judge", directory);
  beforeAll(() => {
    for (const { initramfs } of peers) generate(initramfs, kernelOf(lane));
  }, 900_000);

  for (const peer of peers)
    test.concurrent(`${peer.name}: ${peer.title} is imported as its session showed it`, {
      timeout: 1_800_000,
    }, async () => {
      const at = join(claimDirectory(), peer.name);
      rmSync(at, { recursive: true, force: true });
      mkdirSync(at, { recursive: true });
      const place = (name: string) => join(at, name);
      writeMedium(place("medium.img"), {
        ...{ kind: "vfat", label, tree: { [peer.image]: { file: makeBase() } } },
      });
      const id = runTool(["blkid", "-p", "-o", "value", "-s", "UUID", place("medium.img")]).trim();
      mkdirSync(place("contents"));
      peer.makeContents(place("contents"), id);
      const store = { type: "ext4", label: peer.store, path: place("store.img") } as const;
      writeStore({ ...store, contents: place("contents") });
      writeActions(place("actions.img"), edits);
      const kernel = kernelOf(lane);
      const { console, facts, finished } = await inTurn(
        () =>
          executeIn(lane, {
            directory: at,
            kernel,
            initramfs: generate(peer.initramfs, kernel),
            cmdline: peer.cmdline,
            disks: [
              { name: "medium", file: place("medium.img") },
              { name: "store", file: place("store.img") },
              { name: "actions", file: place("actions.img"), readonly: true },
            ],
            memoryMegabytes: 512,
          }),
        lane,
      );
      expect(finished, console).toBe(true);
      expect(facts.text("done", "upper")).toMatch(peer.mounts);
      const { path, upper } = peer.imports(id);
      writeFileSync(place("said.txt"), facts.text("tree") ?? "");
      run([...judge, resolve("dist/backstore"), at, makeBase(), path, upper, told]);
      for (const name of ["medium", "store", "actions"]) rmSync(place(`${name}.img`));
    });
});
