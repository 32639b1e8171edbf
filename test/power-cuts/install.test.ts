// "backstore install" and "uninstall" on files on FAT in a guest whose power fails at any moment:
// each menu is the old or the new one, a menu that names the add-on finds it whole, the medium
// boots, and the next run finishes or undoes it.
import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runTool } from "../../scripts/lib/tool.ts";
import { executeFirmwareBoot } from "../machines/firmware.ts";
import { withTemporary } from "../machines/guest/base.ts";
import { inTurn } from "../machines/in-turn.ts";
import { listFiles } from "../media/tree.ts";
import { type CutPoint, chooseCutPoints, describeCutPoint } from "./cut-points.ts";
import {
  type Found,
  type Installed,
  judgeInstall,
  menus,
  readStick,
  recordInstall,
  texts,
} from "./installs.ts";
import { type MarkedDisk, readMark } from "./marks.ts";
import type { Recording } from "./record.ts";
import { Replay } from "./replay.ts";
import { makeScratch, skipReason } from "./requirements.ts";

const sticks: readonly (Installed & { readonly title: string; readonly isJudged?: true })[] = [
  {
    name: "install-512",
    title: "clusters of 512 bytes",
    ...{ sectorsPerCluster: 1, bits: 32, isJudged: true },
  },
  { name: "install-4096", title: "clusters of 4096 bytes", sectorsPerCluster: 8, bits: 16 },
];

const scratch = makeScratch();

/** A moment, and what is on the stick then. */
interface Moment extends Found {
  readonly point: CutPoint;
  readonly mark: number | undefined;
}

describe.skipIf(skipReason !== "")(`an installation that is cut off${skipReason}`, () => {
  for (const stick of sticks)
    test.concurrent(`${stick.name}: on FAT with ${stick.title}, every menu is the old or the new one`, {
      timeout: 1_200_000,
    }, async () => {
      const { recording, disk } = await inTurn(() => recordInstall(stick));
      const image = join(scratch, `${stick.name}.img`);
      const points = choosePoints(recording);
      const moments = lookAtAll(recording, { disk, points, image });
      const old = readStick(recording.before, disk);
      const installed = moments.find(({ mark }) => mark === 1)!;
      expect(menus.filter((path) => !isNew(installed.texts[path]))).toEqual([]);
      expect(findWrong(moments, old, installed).join("\n")).toBe("");
      expect(new Set(moments.map(({ mark }) => mark))).toEqual(new Set([undefined, 0, 1, 2]));

      if (stick.isJudged) {
        await judge(recording, {
          ...{ stick, disk, image },
          moments: chooseDistinct(moments, old),
        });
        await bootSome(recording, { moments, old, image });
      }
      rmSync(recording.directory, { recursive: true });
    });
});

interface Judging {
  readonly stick: Installed;
  readonly disk: MarkedDisk;
  readonly image: string;
  readonly moments: readonly Moment[];
}

/** Installs again at some moments, and uninstalls: the stick is as it came. */
async function judge(
  recording: Recording,
  { stick, disk, image, moments }: Judging,
): Promise<void> {
  expect(moments.length).toBeGreaterThan(6);
  const replay = new Replay(recording.before, recording.log, recording.entries);
  const answers = await inTurn(() =>
    judgeInstall(stick.name, {
      ...{ recording, image, count: moments.length },
      put: (number) => replay.writeAt(moments[number - 1]!.point, image),
    }),
  );
  replay.close();
  const files = digestStick(recording.before, disk);
  for (const [index, answer] of answers.entries()) {
    const { point } = moments[index]!;
    expect(answer, describeCutPoint(point)).toMatch(/^installed 0 /m);
    expect(answer).toContain(`\nnames ${menus.length}\n`);
    expect(answer, describeCutPoint(point)).toMatch(/^uninstalled 0 /m);
    expect(answer.match(/^file .*$/gm)?.sort()).toEqual(files);
  }
}

/** Every prefix of the log, and moments at which a part of what was written is lost. */
function choosePoints({ entries }: Recording): CutPoint[] {
  const prefixes = entries.map((_, index): CutPoint => ({ whole: index + 1, kept: [] }));
  const lossy = chooseCutPoints(entries, { least: entries.length, seed: 11 }).filter(
    ({ kept }) => kept.length > 0,
  );
  return [...prefixes, ...lossy].sort(
    (one, other) => one.whole - other.whole || one.kept.length - other.kept.length,
  );
}

interface Looking {
  readonly disk: MarkedDisk;
  readonly points: readonly CutPoint[];
  readonly image: string;
}

/** Looks at each moment; those at which the disk has the same contents are the same. */
function lookAtAll(
  { before, after, log, entries }: Recording,
  { disk, points, image }: Looking,
): Moment[] {
  const replay = new Replay(before, log, entries);
  const known = new Map<string, Moment>();
  for (const point of points) {
    const digest = replay.digestAt(point);
    if (known.has(digest)) continue;
    replay.writeAt(point, image);
    known.set(digest, { point, mark: readMark(image, disk), ...readStick(image, disk) });
  }
  // The replay is useless if it does not lead to the contents of the guest's disk.
  expect(replay.isSameAtEnd(after)).toBe(true);
  replay.close();
  return [...known.values()];
}

function isNew(text: string | undefined): boolean {
  return text?.includes("/backstore/addon1.img") === true;
}

function findWrong(moments: readonly Moment[], old: Found, installed: Found): string[] {
  const addon = installed.own.get("addon1.img");
  return moments.flatMap(({ point, mark, texts: found, own }) => {
    const wrong = texts.flatMap((path) => {
      // FAT writes zeros over a part of what is cut off before the length.
      const text = found[path]?.replace(/\n[\0\n]*$/, "\n");
      const [before, after] = [old.texts[path], installed.texts[path]];
      const isDone = mark === undefined || mark === 2;
      const allowed = isDone ? [before] : [before, after];
      return allowed.includes(text) ? [] : [`${path} is ${JSON.stringify(found[path])}`];
    });
    const named = menus.filter((path) => isNew(found[path]));
    if (named.length > 0 && own.get("addon1.img") !== addon)
      wrong.push(`${named} name the add-on, which is not whole`);
    if (mark === 2 && own.size > 0) wrong.push(`${[...own.keys()]} stay`);
    return wrong.map((one) => `${describeCutPoint(point)}, mark ${mark}: ${one}`);
  });
}

/** What a text is: as it came or changed, or on the way to it with newlines or zeros behind it. */
type State = "old" | "new" | "padded" | "zeros";

function stateOf(text: string | undefined, old: string | undefined): State {
  if (text === old) return "old";
  if (isNew(text)) return "new";
  return text?.includes("\0") ? "zeros" : "padded";
}

/** The first moment with each set of states. */
function chooseDistinct(moments: readonly Moment[], old: Found): Moment[] {
  const first = new Map<string, Moment>();
  for (const moment of moments) {
    const states = texts.map((path) => stateOf(moment.texts[path], old.texts[path]));
    const key = JSON.stringify([moment.mark, states]);
    if (!first.has(key)) first.set(key, moment);
  }
  return [...first.values()];
}

function digestStick(image: string, { content }: MarkedDisk): string[] {
  return withTemporary((directory) => {
    const drive = `${image}@@${content.offset}`;
    runTool(["sh", "-c", 'exec mcopy -s -n -Q -i "$1" "::/*" "$2"', "sh", drive, directory]);
    return listFiles(directory)
      .filter((path) => !path.startsWith("arch/") && !/\.(c32|sys)$/.test(path))
      .map((path) => {
        const digest = createHash("sha256").update(readFileSync(join(directory, path)));
        return `file ${digest.digest("hex")} ./${path}`;
      })
      .sort();
  });
}

interface Booting {
  readonly moments: readonly Moment[];
  readonly old: Found;
  readonly image: string;
}

const [, ofSyslinux, ofSystemdBoot] = menus;

/** A boot at the first moment at which a menu is in a state. */
const boots = [
  { firmware: "bios", menu: ofSyslinux, state: "padded" },
  { firmware: "bios", menu: ofSyslinux, state: "new" },
  { firmware: "bios", menu: ofSyslinux, state: "zeros" },
  { firmware: "uefi", menu: ofSystemdBoot, state: "zeros" },
] as const;

/** Boots the old way and the new one, as the menu of the firmware's loader says. */
async function bootSome(
  { before, log, entries, directory }: Recording,
  { moments, old, image }: Booting,
): Promise<void> {
  for (const { firmware, menu, state } of boots) {
    const at = `${firmware} with ${menu} ${state}`;
    const moment = moments.find(
      ({ texts: found }) => stateOf(found[menu], old.texts[menu]) === state,
    );
    expect(moment, at).toBeDefined();
    const replay = new Replay(before, log, entries);
    replay.writeAt(moment!.point, image);
    replay.close();
    const { facts, ending, finished } = await inTurn(() =>
      executeFirmwareBoot(firmware, {
        directory: join(directory, `${firmware}-${state}`),
        disks: [{ name: "medium", file: image }],
        timeoutMs: 600_000,
      }),
    );
    expect(finished, `${at}: ${ending}`).toBe(true);
    expect(facts.text("boot") !== undefined, at).toBe(state === "new");
  }
}
