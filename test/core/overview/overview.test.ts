// What a report says of sessions of each kind: composed from facts, before anything is drawn.
import { describe, expect, test } from "vitest";
import { composeBanner, type SessionState } from "../../../src/core/overview/banner.ts";
import { listBoots, type RunningBoot } from "../../../src/core/overview/boot-bars.ts";
import { listDisks } from "../../../src/core/overview/disk-bars.ts";
import type { BootRecord } from "../../../src/core/status/boot-record.ts";
import type { PastBoot } from "../../../src/core/stores/past-boots.ts";
import {
  overviewFacts,
  overviewOf,
  pastBoots,
  someBoot,
  someDisks,
} from "../../support/overview.ts";

const { state: good } = overviewFacts();
const fullRoom = { totalBytes: 2 ** 30, usedBytes: 2 ** 30, measured: 1, type: "ext4" };
const missed = { message: "There is no store", isReason: true };
const without: BootRecord = { ...someBoot, session: "volatile", store: undefined, reason: "none" };
const inFile = {
  ...{ kind: "file", device: "/dev/sda1", directory: "", file: "/sysrcd.bs", bytes: 2 ** 30 },
};

describe("composeBanner()", () => {
  const cases: readonly (readonly [
    is: string,
    state: Partial<SessionState>,
    level: string,
    mend: string | undefined,
  ])[] = [
    ["a session that keeps everything", {}, "green", undefined],
    [
      "a session with a doubt",
      { findings: [{ level: "warning", message: "Oh" }] },
      "amber",
      "backstore check",
    ],
    [
      "a session with a problem of the options",
      { boot: { ...someBoot, problems: [{ message: "Oh" }] } },
      "amber",
      undefined,
    ],
    ["a session that lost changes", { lacksChanges: true }, "red", "backstore check"],
    [
      "a directory store that is full",
      { room: fullRoom, findings: [{ level: "error", message: "full" }] },
      "red",
      "backstore changes --sort size",
    ],
    [
      "a file store that is full",
      {
        ...{ room: fullRoom, findings: [{ level: "error", message: "full" }] },
        boot: { ...someBoot, store: inFile },
      },
      "red",
      "backstore grow 1536M",
    ],
    [
      "a volatile session without a store",
      { word: "volatile", boot: { ...without, candidates: [] } },
      "amber",
      "backstore adopt TARGET",
    ],
    [
      "a volatile session whose store is missed",
      {
        word: "volatile",
        boot: {
          ...without,
          problems: [missed],
          candidates: [{ ...someBoot.candidates![0]!, file: "/a" }],
        },
      },
      "red",
      "backstore explain",
    ],
    [
      "a read-only session on a damaged store",
      {
        word: "readonly",
        boot: {
          ...someBoot,
          session: "readonly",
          problems: [missed],
          check: { result: "damaged" },
        },
      },
      "red",
      "backstore check --repair",
    ],
    [
      "a system that was started otherwise",
      { word: "none", boot: undefined },
      "amber",
      "backstore install MEDIUM",
    ],
  ];
  for (const [is, state, level, mend] of cases)
    test(`composeBanner() tells ${is}`, () => {
      expect(composeBanner({ ...good, ...state }, [])).toMatchObject({ level, mend });
    });

  test("composeBanner() does not say twice what is the reason", () => {
    const boot = { ...without, problems: [missed, { message: "Another" }] };
    expect(composeBanner({ ...good, word: "volatile", boot }, []).wrong).toEqual(["Another"]);
  });

  test("composeBanner() foretells nothing of memory", () => {
    const room = { ...fullRoom, type: "tmpfs" };
    const used = [
      { atMs: 0, usedBytes: 0 },
      { atMs: 9e8, usedBytes: 5 },
    ];
    expect(composeBanner({ ...good, room }, used).room).toMatchObject({
      ...{ isInMemory: true, pace: undefined },
    });
  });
});

describe("listBoots()", () => {
  const running: RunningBoot = {
    boot: someBoot,
    level: "green",
    started: "2026-03-01T11:59:00.000Z",
    isRecorded: true,
  };

  test("listBoots() has the running session once, with the phases of its boot", () => {
    const boots = listBoots(pastBoots, running);
    expect(boots).toHaveLength(20);
    expect(boots.map(({ state }) => state).filter((state) => state !== "ended")).toEqual([
      "interrupted",
      "running",
    ]);
    expect(boots.at(-1)).toMatchObject({ started: pastBoots.at(-1)?.started, totalMs: 1810 });
  });

  test("listBoots() shows a session that could write nothing behind those that did", () => {
    const boot = { ...someBoot, session: "readonly", reason: "it is full" } as const;
    const ended = pastBoots.slice(0, -1);
    const boots = listBoots(ended, { ...running, boot, level: "red", isRecorded: false });
    expect(boots).toHaveLength(20);
    expect(boots.at(-1)).toEqual({
      started: running.started,
      session: "readonly",
      level: "red",
      state: "running",
      phases: { before: 1390, medium: 300, store: 80, mounting: 40 },
      totalMs: 1810,
      note: "it is full",
    });
  });

  test("listBoots() takes an interrupted session for no running one", () => {
    const boot = { ...someBoot, session: "persistent" } as const;
    const cut: PastBoot = { started: "2026-01-01T00:00:00Z", session: "persistent", phases: {} };
    expect(
      listBoots([cut], { ...running, boot, isRecorded: false }).map(({ state }) => state),
    ).toEqual(["interrupted", "running"]);
  });

  test("listBoots() of a system that was started otherwise has no session of now", () => {
    expect(listBoots([], { ...running, boot: undefined, isRecorded: false })).toEqual([]);
  });
});

describe("listDisks()", () => {
  const disks = listDisks(someDisks, someBoot);

  test("listDisks() has partitions and the room between them, which add up to the disk", () => {
    expect(disks.map(({ path }) => path)).toEqual(["/dev/sda", "/dev/sdb"]);
    expect(disks[0]?.parts.map(({ path, role }) => [path, role])).toEqual([
      ["/dev/sda1", "medium"],
      ["/dev/sda2", "store"],
      [undefined, undefined],
    ]);
    for (const { bytes, parts } of disks) {
      const drawn = parts.reduce((sum, { drawnBytes }) => sum + drawnBytes, 0);
      expect(bytes - drawn).toBeLessThanOrEqual(4 << 20);
    }
  });

  test("listDisks() draws partitions that overlap within their disk", () => {
    const [disk, first, second] = someDisks;
    const over = [disk!, first!, { ...second!, start: 0, bytes: 2 ** 50 }];
    const [bar] = listDisks(over, undefined);
    const drawn = bar!.parts.reduce((sum, { drawnBytes }) => sum + drawnBytes, 0);
    expect(drawn).toBeLessThanOrEqual(bar!.bytes);
    expect(bar!.parts.map(({ reason }) => reason)).toEqual([undefined, undefined]);
  });

  test("listDisks() shows what is on a disk itself beside its partitions", () => {
    const [disk, ...others] = someDisks;
    const superblock = { ...others[0]!.superblock!, type: "iso9660", label: "HYBRID" };
    const [bar] = listDisks([{ ...disk!, superblock }, ...others], undefined);
    expect(bar?.parts[0]).toMatchObject({ path: "/dev/sda", drawnBytes: 0, label: "HYBRID" });
  });
});

test("composeOverview() says when the store is full, and survives JSON", () => {
  const overview = overviewOf();
  expect(overview.banner.room?.pace?.fullAtMs).toBeGreaterThan(Date.parse("2026-03-25"));
  expect(overview.banner.room?.pace?.fullAtMs).toBeLessThan(Date.parse("2026-04-10"));
  const twice = JSON.parse(JSON.stringify(overview));
  expect(JSON.stringify(twice)).toBe(JSON.stringify(overview));
});
