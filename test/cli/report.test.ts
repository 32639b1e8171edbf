// "backstore report" on machines in memory that have been booted: what it learns, and where it
// writes. test/report/overview has the drawings, test/tools opens the page in a browser.
import { describe, expect, test } from "vitest";
import { pageBeginning } from "../../src/report/overview/page.ts";
import { stick } from "../boot/start.ts";
import { bootMemory } from "../support/booted.ts";
import { call, ext4 } from "../support/call.ts";
import { link, type Tree } from "../support/memory/entry.ts";
import { createMemory, type Memory } from "../support/memory.ts";

const used: Tree = { upperdir: { etc: { motd: "changed\n", new: "12345" } }, workdir: {} };
const directory = "persistent_RESCUE1100/x86_64";

function persistent(): Memory {
  const content = ext4("store", { [directory]: used });
  return bootMemory("cow_label=store", { disks: [stick(), { name: "sdb", content }] });
}

async function report(memory: Memory, words: readonly string[] = [], isRoot = true) {
  const { status, stdout, stderr } = await call(memory, ["report", ...words], { isRoot });
  return { status, stdout, stderr };
}

async function json(memory: Memory, isRoot = true) {
  const { status, stdout, stderr } = await report(memory, ["--json"], isRoot);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout);
}

describe("report", () => {
  test("report tells a persistent session, its boot and its disks", async () => {
    const told = await json(persistent());
    expect(told).toMatchObject({ level: "green", session: "persistent", wrong: [] });
    expect(told.boots).toMatchObject([
      { session: "persistent", state: "running", phases: { medium: 0, store: 0 } },
    ]);
    expect(told.boots[0].totalMs).toBeGreaterThan(0);
    const parts = told.disks.flatMap(({ parts }: { parts: { path: string; role: string }[] }) =>
      parts.map(({ path, role }) => [path, role]),
    );
    expect(parts).toContainEqual(["/dev/sdb", "store"]);
    expect(told.disks.at(-1).parts[0].reason).toContain("store");
  });

  test("report takes no earlier boot for this one, whose record could not be written", async () => {
    const memory = persistent();
    const path = `/run/initramfs/backstore/store/${directory}/backstore.json`;
    const record = JSON.parse(memory.system.readText(path));
    memory.system.removeFile(path);
    const session = { ...record.session, boot: "another" };
    memory.system.writeFile(path, JSON.stringify({ ...record, session }));
    const { boots } = await json(memory);
    expect(boots.map(({ state }: { state: string }) => state)).toEqual(["interrupted", "running"]);
  });

  test("report tells the changes of the session by their groups", async () => {
    const { changes } = await json(persistent());
    expect(changes).toMatchObject({ problems: 0, isInMemory: false });
    expect(changes.largest).toEqual(
      expect.arrayContaining([
        { path: "/etc/new", group: "added", bytes: 5, paths: 1, isSum: false },
      ]),
    );
  });

  test("report without root says what it cannot see", async () => {
    const { changes } = await json(persistent(), false);
    expect(changes).toEqual({ unseen: "Only root can read what overlayfs has marked" });
  });

  test("report tells a system that was started otherwise", async () => {
    const told = await json(createMemory({ files: {} }));
    expect(told).toMatchObject({ level: "amber", session: "none", boots: [] });
    expect(told.changes.unseen).toContain("its root is not an overlay");
  });

  test("report ignores earlier boots that are damaged, and says so", async () => {
    const memory = persistent();
    const path = `/run/initramfs/backstore/store/${directory}/backstore.json`;
    const record = JSON.parse(memory.system.readText(path));
    memory.system.removeFile(path);
    memory.system.writeFile(path, JSON.stringify({ ...record, boots: [{ started: "<b>" }] }));
    const told = await json(memory);
    expect(told.bootsFault).toBe('number 1 is invalid at "started"');
    expect(told.boots).toHaveLength(1);
  });

  test("report writes the page to standard output where nobody reads it at once", async () => {
    const { stdout } = await report(persistent());
    expect(stdout.startsWith(pageBeginning)).toBe(true);
  });

  test("report draws on a terminal, or where text is asked for", async () => {
    const { stdout } = await report(persistent(), ["--text"]);
    expect(stdout).toMatch(/^\[ok\] persistent: every change is kept\n/);
    const shown = await call(persistent(), ["report"], {
      isRoot: true,
      terminal: {
        ...{ stdin: true, stdout: true, stderr: true, color: false, isDumb: false },
        ...{ columns: 60, errorColumns: 60 },
      },
    });
    expect(shown.stdout).toMatch(/^\[ok\] persistent: every change is kept\n/);
  });
});

describe("report --output", () => {
  const files: Tree = {
    home: { text: "mine", "old.html": `${pageBeginning}\n`, away: link("/etc/away") },
    etc: { away: {} },
  };
  const machine = () => createMemory({ files });

  test("report --output writes a page, also over an earlier one", async () => {
    for (const path of ["/home/new.html", "/home/old.html"]) {
      const memory = machine();
      expect(await report(memory, ["--output", path])).toEqual({
        status: 0,
        stdout: `Wrote "${path}"\n`,
        stderr: "",
      });
      expect(memory.system.readText(path)).toContain("this system was not booted by backstore");
      expect(memory.system.list("/home").filter((name) => name.startsWith("."))).toEqual([]);
    }
  });

  const refused: readonly (readonly [path: string, status: number, message: string])[] = [
    ["/home/text", 8, "something else than a report is there"],
    ["/home/away", 8, "something else than a report is there"],
    ["/home", 8, "something else than a report is there"],
    ["/none/report.html", 4, "no such directory"],
  ];
  for (const [path, status, message] of refused)
    test(`report --output leaves ${path} as it is`, async () => {
      const memory = machine();
      const told = await report(memory, ["--output", path]);
      expect(told.status).toBe(status);
      expect(told.stderr).toContain(`Cannot write "${path}": ${message}`);
      expect(memory.system.readText("/home/text")).toBe("mine");
    });

  for (const words of [
    ["--output", ""],
    ["--output", "a", "--json"],
    ["--text", "--json"],
  ])
    test(`report ${words.join(" ")} is no command line`, async () => {
      expect((await report(machine(), words)).status).toBe(2);
    });
});
