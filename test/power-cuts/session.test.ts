// Sessions whose power fails at any moment: the store can be opened, what was synced before is
// there and complete, and the verdict reports what happened (docs/decisions/0022).
import { rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { inTurn } from "../machines/in-turn.ts";
import { compareSession, type Moment } from "./compare-session.ts";
import { chooseCutPoints, describeCutPoint } from "./cut-points.ts";
import { buildSession, type JudgedSession, SessionJudge } from "./judge-session.ts";
import { readMark } from "./marks.ts";
import { Replay } from "./replay.ts";
import { makeScratch, skipReason } from "./requirements.ts";
import {
  bootAfterwards,
  type RecordedSession,
  recordSession,
  rescueMedium,
  type Session,
  storeFile,
} from "./sessions.ts";
import { listFiles } from "./workload.ts";

const sessions: readonly Session[] = [
  {
    name: "session-ext4",
    title: "a directory store on ext4",
    type: "ext4",
    commandLine: "cow_label=store",
    points: 500,
    boots: 3,
  },
  {
    name: "session-file",
    title: "a file store with ext4 on ext4",
    type: "ext4",
    inner: "ext4",
    commandLine: "backstore=alldev",
    points: 500,
    boots: 3,
  },
  {
    name: "session-xfs",
    title: "a directory store on xfs",
    type: "xfs",
    commandLine: "cow_label=store",
    points: 150,
    boots: 0,
  },
  {
    name: "session-btrfs",
    title: "a directory store on btrfs",
    type: "btrfs",
    commandLine: "cow_label=store",
    points: 150,
    boots: 0,
  },
];

const scratch = makeScratch();

describe.skipIf(skipReason !== "")(`a session that is cut off${skipReason}`, () => {
  beforeAll(buildSession, 120_000);

  for (const session of sessions) {
    const title = `${session.name}: ${session.title} holds what was synced, whenever the power goes off`;
    test.concurrent(title, { timeout: 1_800_000 }, async () => {
      const recorded = await inTurn(() => recordSession(session));
      const { findings, told, points } = await inTurn(() => cutEverywhere(recorded));
      expect(findings.slice(0, 10).join("\n"), `${findings.length} of ${points} points`).toBe("");
      expect(points).toBeGreaterThanOrEqual(session.points);
      expect(told).toEqual(new Set([undefined, "open", "clean"]));
      rmSync(recorded.recording.directory, { recursive: true });
    });
  }
});

/** Cuts the power at every point, and inspects the result, in guests at some of them. */
async function cutEverywhere(recorded: RecordedSession) {
  const { session, disk } = recorded;
  const image = join(scratch, `${session.name}.img`);
  const judge = new SessionJudge({
    medium: rescueMedium(),
    image,
    partition: disk.content,
    type: session.type,
    commandLine: session.commandLine,
    ...(session.inner ? { file: { path: storeFile, type: session.inner } } : {}),
    files: listFiles(),
  });
  try {
    return await judgePoints(recorded, { image, judge });
  } finally {
    judge.close();
  }
}

async function judgePoints(
  recorded: RecordedSession,
  { image, judge }: { image: string; judge: SessionJudge },
) {
  const { session, recording, disk } = recorded;
  const { directory, entries } = recording;
  const points = chooseCutPoints(entries, { least: session.points, seed: 4 });
  const every = Math.floor(points.length / (session.boots + 1));
  const replay = new Replay(recording.before, recording.log, entries);
  const findings: string[] = [];
  const told = new Set<string | undefined>();
  // Some points differ in nothing that is on the disk.
  const known = new Map<string, JudgedSession>();
  for (const [index, point] of points.entries()) {
    const digest = replay.writeAt(point, image);
    const moment: Moment = { done: readMark(image, disk), isEnd: point.whole === entries.length };
    const note = (wrong: readonly string[]) => {
      if (wrong.length === 0) return;
      findings.push(`${describeCutPoint(point)}, deed ${moment.done}: ${wrong.join("; ")}`);
      // For inspection; a few are enough.
      if (findings.length < 10) replay.writeAt(point, join(directory, `point-${index}.img`));
    };
    const judged = known.get(digest) ?? (await judge.judge());
    known.set(digest, judged);
    told.add(judged.boot?.store?.lastSession?.state);
    note(compareSession(judged, moment));
    const number = (index + 1) / every;
    if (Number.isInteger(number) && number <= session.boots) {
      replay.writeAt(point, image);
      note(compareSession(await bootAfterwards(recorded, { image, number }), moment));
    }
  }
  // The replay is useless if it does not lead to the contents of the guest's disk.
  if (!replay.isSameAtEnd(recording.after)) findings.push("the log is not what was written");
  return { findings, told, points: points.length };
}
