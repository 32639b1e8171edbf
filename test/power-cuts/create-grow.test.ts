// "backstore create" and "backstore grow" in a guest whose power fails at any moment: the result is
// the old state or the new one, and the next run handles either. vfat and exfat are inspected by a
// guest whose kernel supports them; ext4 by the kernel of this machine.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { inTurn } from "../machines/in-turn.ts";
import { compareCreate, compareGrow } from "./compare-files.ts";
import { chooseCutPoints, describeCutPoint } from "./cut-points.ts";
import { judgeOperation, type Operation, recordOperation, sizes } from "./operations.ts";
import { makeScratch, skipReason } from "./requirements.ts";

const operations: readonly Operation[] = [
  {
    name: "create-vfat",
    title: "a store that is made on vfat",
    operation: "create",
    type: "vfat",
    points: 30,
  },
  {
    name: "create-exfat",
    title: "a store that is made on exfat",
    operation: "create",
    type: "exfat",
    points: 30,
    keepsOrder: true,
  },
  {
    name: "create-ext4",
    title: "a store that is made on ext4",
    operation: "create",
    type: "ext4",
    points: 100,
  },
  {
    name: "grow-vfat",
    title: "a store that grows on vfat",
    operation: "grow",
    type: "vfat",
    points: 30,
  },
  {
    name: "grow-exfat",
    title: "a store that grows on exfat",
    operation: "grow",
    type: "exfat",
    points: 30,
    keepsOrder: true,
  },
  {
    name: "grow-ext4",
    title: "a store that grows on ext4",
    operation: "grow",
    type: "ext4",
    points: 100,
  },
  {
    name: "grow-used",
    title: "the session's own store that grows on the boot stick",
    operation: "grow",
    type: "vfat",
    isUsed: true,
    points: 45,
  },
];

const scratch = makeScratch();

describe.skipIf(skipReason !== "")(`a command that is cut off${skipReason}`, () => {
  for (const one of operations) {
    const is = one.operation === "create" ? "is whole or not there" : "is the old or the new one";
    test.concurrent(`${one.name}: ${one.title} ${is}, whenever the power goes off`, {
      timeout: 1_200_000,
    }, async () => {
      const { recording, disk } = await inTurn(() => recordOperation(one));
      const points = chooseCutPoints(recording.entries, {
        least: one.points,
        seed: 7,
        keepsOrder: one.keepsOrder === true,
      });
      expect(points.length).toBeGreaterThan(25);
      const { replay, judged } = await inTurn(() =>
        judgeOperation(one, { recording, disk, points, scratch }),
      );
      const findings = points.flatMap((point, index) => {
        const { answer, mark } = judged[index]!;
        const isDone = mark === 1;
        const wrong =
          one.operation === "create"
            ? compareCreate(answer, { megabytes: sizes[0], isDone })
            : compareGrow(answer, { megabytes: sizes, isDone });
        return wrong.length === 0
          ? []
          : [`${describeCutPoint(point)}: ${wrong.join("; ")}\n${answer}`];
      });
      writeFileSync(
        join(recording.directory, "answers.txt"),
        points
          .map((point, index) => `${describeCutPoint(point)}\n${judged[index]?.answer}`)
          .join("\n"),
      );
      expect(findings.slice(0, 5).join("\n"), `${findings.length} of ${points.length} points`).toBe(
        "",
      );
      // The replay is useless if it does not lead to the contents of the guest's disk.
      expect(replay.isSameAtEnd(recording.after)).toBe(true);
      expect(new Set(judged.map(({ mark }) => mark))).toEqual(new Set([undefined, 0, 1]));
      rmSync(recording.directory, { recursive: true });
    });
  }
});
