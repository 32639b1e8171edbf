// "backstore changes" end to end on a machine in memory: which layers are compared, and what is
// told. test/core/changes has the rules, test/tools the kernel's own overlay.
import { describe, expect, test } from "vitest";
import { call, ext4 } from "../support/call.ts";
import { directory, file, link, type Tree, whiteout } from "../support/memory/entry.ts";
import { createMemory, type Memory } from "../support/memory.ts";

const opaque = new Map([["trusted.overlay.opaque", Uint8Array.of(0x79)]]);

/** Times are counted in changes, so that nothing in memory has the time of something else. */
const upperdir: Tree = {
  "etc/motd": "changed\n",
  "etc/hosts": file("localhost\n", 0o600),
  "etc/a\nb": "1",
  gone: whiteout(),
  never: whiteout(),
  opt: directory({ new: "22" }, { xattrs: opaque }),
};
const base: Tree = {
  "etc/motd": "as it was\n",
  "etc/hosts": "localhost\n",
  gone: { "a/b": "" },
  "opt/old": "old\n",
};

function machine(): Memory {
  return createMemory({
    files: {
      base,
      store: { upperdir, workdir: {} },
      stick: { "sysrcd.bs": file(ext4("", { upperdir })) },
      "live.img": file(ext4("", { "persistent_A/x86_64": { upperdir } })),
      "two.img": file(
        ext4("", { "persistent_A/x86_64": { upperdir }, "persistent_B/x86_64": { upperdir } }),
      ),
      "base.img": file(ext4("", base)),
      none: { readme: "" },
      empty: {},
      new: { "sysrcd.bs": file(ext4("", { "lost+found": {}, "backstore.json": "{}" })) },
      text: "no file system",
    },
    types: ["ext4"],
  });
}

async function list(words: readonly string[]): Promise<string[]> {
  const { status, stdout, stderr } = await call(machine(), ["changes", ...words], { isRoot: true });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.split("\n").slice(0, -1);
}

const named = ["/store", "--base", "/base"];

const lines = [
  "deleted            0 B  /gone/",
  "same               0 B  /never (a mark that deletes nothing)",
  "added              1 B  /etc/a\\nb",
  "metadata          10 B  /etc/hosts",
  "modified           8 B  /etc/motd",
  "replaced           0 B  /opt/",
  "added              2 B  /opt/new",
];

describe("changes", () => {
  test("lists what a directory store has changed, and the sums", async () => {
    expect(await list(named)).toEqual([
      ...lines,
      "",
      "  kind      paths  in the store  in the base",
      "  added         2           3 B          0 B",
      "  modified      1           8 B         10 B",
      "  metadata      1          10 B         10 B",
      "  deleted       1           0 B          0 B",
      "  replaced      1           0 B          0 B",
      "  same          1           0 B          0 B",
      "  all           7          21 B         20 B",
    ]);
  });

  const places = ["/stick", "/stick/sysrcd.bs", "/live.img"];
  for (const place of places)
    test(`finds the store in ${place}`, async () => {
      expect((await list([place, "--base", "/base.img"])).slice(0, 7)).toEqual(lines);
    });

  const selections: readonly (readonly [words: readonly string[], told: readonly string[]])[] = [
    [["--under", "/opt"], lines.slice(5)],
    [["--under", "etc/motd/"], lines.slice(4, 5)],
    [["--kind", "added", "--kind", "same"], [lines[1], lines[2], lines[6]].map((one) => one ?? "")],
    [
      ["--depth", "1"],
      [
        lines[0] ?? "",
        lines[1] ?? "",
        "3 paths           19 B  /etc/",
        "2 paths            2 B  /opt/",
      ],
    ],
    [["--sort", "size"], [3, 4, 6, 2, 0, 1, 5].map((index) => lines[index] ?? "")],
    [["--sort", "path"], [2, 3, 4, 0, 1, 5, 6].map((index) => lines[index] ?? "")],
  ];
  for (const [words, wanted] of selections)
    test(`lists with ${words.join(" ")}`, async () => {
      const all = await list([...named, ...words]);
      expect(all.slice(0, all.indexOf(""))).toEqual(wanted);
    });

  const nothing = [["/store", "--under", "/usr"], ["/empty"], ["/new"]];
  for (const words of nothing)
    test(`says that there is nothing in ${words.join(" ")}`, async () => {
      expect(await list([...words, "--base", "/base"])).toEqual(["No changes."]);
    });

  test("writes an object a line, the sums last", async () => {
    const objects = (await list([...named, "--json", "--under", "/etc/motd"])).map((line) =>
      JSON.parse(line),
    );
    expect(objects).toHaveLength(2);
    expect(objects[0]).toMatchObject({
      path: "/etc/motd",
      kind: "modified",
      type: "file",
      bytes: 8,
      baseBytes: 10,
      from: null,
    });
    expect(objects[1]).toMatchObject({ format: 1, problems: 0, isInMemory: null });
    expect(objects[1].totals.modified).toEqual({ paths: 1, bytes: 8, baseBytes: 10 });
  });
});

describe("changes --secrets", () => {
  const key = "-----BEGIN OPENSSH PRIVATE KEY-----\nSECRET\n";
  const own: Tree = {
    "root/.ssh/id_rsa": key,
    "root/notes/old": key,
    "root/.bash_history": "mount SECRET\n",
    "root/.netrc": whiteout(),
    "root/a\nb/.netrc": "machine a\npassword SECRET\n",
    "root/secring.gpg": link("/base/root/secring.gpg"),
    "etc/shadow": "root:$6$SECRET0123456:1\nuser:$6$known00000000:1\nother:$6$SECRET8901234:1\n",
    "etc/machine-id": `${"0a".repeat(16)}\n`,
    "etc/hosts": "localhost\n",
  };
  const below: Tree = {
    "etc/shadow": "root:*:1\nuser:$6$known00000000:1\n",
    "etc/hosts": "localhost\n",
    "root/.netrc": "password x\n",
    "root/secring.gpg": "key",
  };
  async function tell(upper: Tree, words: readonly string[]): Promise<string> {
    const memory = createMemory({
      files: { store: { upperdir: upper, workdir: {} }, base: below },
    });
    const all = ["changes", ...named, "--secrets", ...words];
    const { status, stdout, stderr } = await call(memory, all, { isRoot: true });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).not.toContain("SECRET");
    return stdout;
  }

  test("tells where secrets are, and none of them", async () => {
    expect((await tell(own, [])).split("\n")).toEqual([
      "machine ID         /etc/machine-id (line 1)",
      "password hash      /etc/shadow (lines 1 and 3)",
      "history            /root/.bash_history",
      "private key        /root/.ssh/id_rsa (line 1)",
      "token or password  /root/a\\nb/.netrc (line 2)",
      "private key        /root/notes/old (line 1)",
      "",
      "There may be others: only places that are known were searched.",
      "",
    ]);
  });

  test("says that there is nothing", async () => {
    expect(await tell(own, ["--under", "/etc/hosts"])).toBe(
      "No secrets were found in the places that are known; there may be some elsewhere.\n",
    );
  });

  test("writes an object a line, the sums last", async () => {
    const lines = (await tell(own, ["--json", "--under", "/etc"])).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { path: "/etc/machine-id", secret: "machine-id", lines: [1] },
      { path: "/etc/shadow", secret: "password-hash", lines: [1, 3] },
      expect.objectContaining({ format: 1, secrets: 2, problems: 0 }),
    ]);
  });
});

describe("changes --packages", () => {
  const dpkg = (name: string, version: string) =>
    `Package: ${name}\nStatus: install ok installed\nArchitecture: all\nVersion: ${version}\n`;
  const list = (...paths: readonly string[]) => `/.\n/usr\n/usr/common\n${paths.join("\n")}\n`;
  const bases = {
    dpkg: {
      "var/lib/dpkg/status": ["old", "up", "kept", "still"].map((one) => dpkg(one, "1")).join("\n"),
      "var/lib/dpkg/info/old.list": list("/usr/share/old", "/usr/share/old/a", "/usr/share/taken"),
      "var/lib/dpkg/info/up.list": list("/bin/up", "/usr/share/up"),
      "var/lib/dpkg/info/kept.list": list("/etc/kept", "/etc/same"),
      "var/lib/dpkg/info/still.list": list("/etc/still"),
      "usr/bin/up": "1",
      "usr/share/up": "1",
      "usr/share/taken": "1",
      "usr/common": "1",
      "usr/share/old/a": "1",
      "etc/kept": "1",
      "etc/still": "1",
    },
    pacman: {
      "var/lib/pacman/local/up-1-1/files": "%FILES%\nusr/\nusr/bin/up\n",
      "var/lib/pacman/local/up-1-1/desc": "%NAME%\nup\n",
      "usr/bin/up": "1",
    },
    rpm: { "usr/lib/sysimage/rpm/rpmdb.sqlite": "SQLite" },
    none: { "etc/hosts": "" },
  };
  const stores = {
    dpkg: {
      "var/lib/dpkg/status": [
        dpkg("up", "2"),
        dpkg("new", "1"),
        dpkg("kept", "1"),
        dpkg("still", "1"),
      ].join("\n"),
      "var/lib/dpkg/info/old.list": whiteout(),
      "var/lib/dpkg/info/up.list": list("/bin/up", "/usr/share/\u00e4"),
      "var/lib/dpkg/info/new.list": list("/usr/share/new", "/usr/share/taken"),
      "usr/bin/up": "22",
      "usr/share/up": whiteout(),
      "usr/share/\u00e4": "333",
      "usr/share/new": "4444",
      "usr/share/taken": "22",
      "usr/common": "7777777",
      "usr/share/old": whiteout(),
      "etc/kept": "55555",
      "root/own": "666666",
    },
    pacman: {
      "var/lib/pacman/local/up-1-1": whiteout(),
      "var/lib/pacman/local/up-2-1/files": "%FILES%\nusr/\nusr/bin/up\n",
      "usr/bin/up": "22",
    },
    rpm: {},
    none: {},
  };
  async function tell(name: keyof typeof stores, words: readonly string[]): Promise<string[]> {
    const { [name]: upper } = stores;
    const memory = createMemory({
      files: { store: { upperdir: upper, workdir: {} }, base: bases[name] },
    });
    const all = ["changes", ...named, "--packages", ...words];
    const { status, stdout, stderr } = await call(memory, all, { isRoot: true });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return stdout.trimEnd().split("\n");
  }

  test("tells what dpkg has installed, removed and brought to another version", async () => {
    expect(await tell("dpkg", ["--under", "usr"])).toEqual([
      "           package             version  paths  in the store",
      "  added    new                 1            2           6 B",
      "  changed  up                  1 -> 2       3           5 B",
      "  removed  old                 1            1           0 B",
      "           (several packages)               1           7 B",
    ]);
    expect((await tell("dpkg", [])).slice(4)).toEqual([
      "  kept     kept                1            1           5 B",
      "           (several packages)               1           7 B",
      "           (no package)                     6         389 B",
    ]);
  });

  test("tells the same of pacman, an object a line", async () => {
    expect((await tell("pacman", ["--json"])).map((line) => JSON.parse(line))).toEqual([
      {
        ...{ package: "up", state: "changed", version: "2-1", baseVersion: "1-1" },
        ...{ paths: 1, bytes: 2 },
      },
      expect.objectContaining({
        ...{ format: 1, database: "pacman", problems: 0 },
        several: { paths: 0, bytes: 0 },
        none: { paths: 3, bytes: 24 },
      }),
    ]);
  });

  test("names a package that came although nothing of it is where it was asked for", async () => {
    expect(await tell("pacman", ["--under", "/srv"])).toEqual([
      "           package  version     paths  in the store",
      "  changed  up       1-1 -> 2-1      0           0 B",
    ]);
  });

  test("says that a new store has no changes", async () => {
    const memory = createMemory({ files: { store: {}, base: bases.dpkg } });
    const { stdout } = await call(memory, ["changes", ...named, "--packages"], { isRoot: true });
    expect(stdout).toBe("No changes.\n");
  });

  for (const [name, says] of [
    ["rpm", "Cannot tell packages: the database of rpm is a binary one, which is not read"],
    ["none", "Cannot tell packages: there is no database of dpkg or pacman"],
  ] as const)
    test(`says what there is with ${name}`, async () => {
      const memory = createMemory({
        files: { store: { upperdir: {}, workdir: {} }, base: bases[name] },
      });
      const ended = await call(memory, ["changes", ...named, "--packages"], { isRoot: true });
      expect(ended.status).toBe(4);
      expect(ended.stderr).toContain(says);
    });
});

describe("changes fails", () => {
  const cases: readonly (readonly [words: readonly string[], status: number, says: string])[] = [
    [["/store"], 2, 'Cannot show the changes in "/store": its base is not named'],
    [["/none", "--base", "/base"], 4, 'Cannot show the changes in "/none": it contains no store'],
    [["/text", "--base", "/base"], 4, 'Cannot show the changes in "/text": it contains no store'],
    [["/absent", "--base", "/base"], 4, 'Cannot show the changes in "/absent": no such file or'],
    [["/store", "--base", "/absent"], 4, 'Cannot use "/absent" as a base: no such file or'],
    [["/two.img", "--base", "/base"], 8, "there are several stores on it"],
    [[], 4, "Cannot show the changes of this session: its root is not an overlay with changes"],
    [[...named, "--kind", "new"], 2, '"--kind" is added, modified, metadata,'],
    [[...named, "--sort", "kind"], 2, '"--sort" is path, size or time, not "kind"'],
    [[...named, "--depth", "0"], 2, '"--depth" requires a number from 1, not "0"'],
    [[...named, "--packages", "--depth", "1"], 2, '"--packages" and "--depth" cannot be used'],
    [[...named, "--secrets", "--packages"], 2, '"--secrets" and "--packages" cannot be used'],
    [[...named, "--secrets", "--sort", "size"], 2, '"--secrets" and "--sort" cannot be used'],
    [[...named, "--under", "/../etc"], 2, '"--under" must not contain ".."'],
  ];
  for (const [words, status, says] of cases)
    test(`changes fails with ${words.join(" ") || "no session"}`, async () => {
      const ended = await call(machine(), ["changes", ...words], { isRoot: true });
      expect(ended.stderr).toContain(says);
      expect({ status: ended.status, stdout: ended.stdout }).toEqual({ status, stdout: "" });
    });

  test("changes fails without root, and says so as the last line of JSON", async () => {
    const { status, stdout } = await call(machine(), ["changes", ...named, "--json"]);
    expect(status).toBe(3);
    expect(JSON.parse(stdout).error.message).toBe(
      "Cannot show changes: only root can read what overlayfs has marked",
    );
  });
});
