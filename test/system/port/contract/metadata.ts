// The contract, part 3: the attributes of files.
import type { System } from "../../../../src/system/port/system.ts";
import type { Predicate } from "../contract.ts";
import { bytes, equal, fails, ok } from "./expect.ts";

/** Predicates about status, modes, owners, extended attributes and syncing. */
export const metadata: Record<string, Predicate> = {
  "status() tells what a file is"(system, { directory }) {
    system.writeFile(`${directory}/file`, "12345", 0o640);
    system.makeDirectory(`${directory}/directory`);
    const file = system.status(`${directory}/file`);
    equal(
      [file?.kind, file?.mode, file?.uid, file?.gid, file?.bytes, file?.links],
      ["file", 0o640, 0, 0, 5, 1],
    );
    equal(file?.deviceNumber, 0);
    equal(system.status(`${directory}/directory`)?.kind, "directory");
    ok(
      file !== undefined && file.allocatedBytes >= 5 && file.allocatedBytes % 512 === 0,
      `${file?.allocatedBytes} bytes are allocated`,
    );
  },

  "setModified() sets a time, also before 1970, of a link itself"(system, { directory }) {
    system.writeFile(`${directory}/file`, "");
    system.makeLink(`${directory}/link`, "file");
    const before = system.times(`${directory}/file`)?.modified;
    for (const time of [
      { seconds: 1_700_000_000, nanoseconds: 123_456_789 },
      { seconds: -5, nanoseconds: 250_000_000 },
      { seconds: 0, nanoseconds: 0 },
    ]) {
      system.setModified(`${directory}/link`, time);
      equal(system.times(`${directory}/link`)?.modified, time);
      equal(system.times(`${directory}/file`)?.modified, before);
    }
    const file = system.openFile(`${directory}/file`);
    system.setModified(file.path, { seconds: 7, nanoseconds: 8 });
    file.close();
    equal(system.times(`${directory}/file`)?.modified, { seconds: 7, nanoseconds: 8 });
    system.setModified(directory, { seconds: 9, nanoseconds: 0 });
    equal(system.times(directory)?.modified.seconds, 9);
    fails("ENOENT", () =>
      system.setModified(`${directory}/missing`, { seconds: 0, nanoseconds: 0 }),
    );
  },

  "status() tells file systems and files apart"(system, { directory }) {
    system.writeFile(`${directory}/a`, "");
    system.writeFile(`${directory}/b`, "");
    const above = system.status(directory)?.device;
    ok(
      system.status(`${directory}/a`)?.inode !== system.status(`${directory}/b`)?.inode,
      "two files have one inode",
    );
    equal(system.status(`${directory}/a`)?.device, above);
    system.makeDirectory(`${directory}/mounted`);
    system.mount({ source: "none", target: `${directory}/mounted`, type: "tmpfs" });
    ok(system.status(`${directory}/mounted`)?.device !== above, "two file systems have one number");
  },

  "status() follows links, linkStatus() does not follow the last"(system, { directory }) {
    system.makeDirectory(`${directory}/real`);
    system.writeFile(`${directory}/real/file`, "text");
    system.makeLink(`${directory}/link`, "real");
    system.makeLink(`${directory}/real/again`, "file");
    equal(
      [system.status(`${directory}/link`)?.kind, system.linkStatus(`${directory}/link`)?.kind],
      ["directory", "link"],
    );
    equal(system.linkStatus(`${directory}/link`)?.bytes, 4);
    equal(system.linkStatus(`${directory}/link/again`)?.kind, "link");
    equal(system.status(`${directory}/link/again`)?.bytes, 4);
    equal(system.linkStatus(`${directory}/link/`)?.kind, "directory");
  },

  "status() gives nothing for what is not there, and fails for what cannot be known"(
    system,
    { directory },
  ) {
    system.writeFile(`${directory}/file`, "");
    system.makeLink(`${directory}/dangling`, "nowhere");
    system.makeLink(`${directory}/circle`, "circle");
    for (const path of ["missing", "missing/below", "file/below", "dangling", "file/"])
      equal(system.status(`${directory}/${path}`), undefined);
    equal(system.linkStatus(`${directory}/missing`), undefined);
    equal(system.linkStatus(`${directory}/circle`)?.kind, "link");
    fails("ELOOP", () => system.status(`${directory}/circle`));
  },

  "times() tells when the names in a directory were changed"(system, { directory }) {
    const changed = () => system.times(directory)?.modified;
    const before = changed();
    ok(before !== undefined, "no time is known");
    eventually(system, directory, () => !isSame(changed(), before));
    system.makeDirectory(`${directory}/inner`);
    const made = changed();
    system.writeFile(`${directory}/inner/file`, "");
    equal(changed(), made);
  },

  "times() tells a directory from one of the same name that was there before"(
    system,
    { directory },
  ) {
    const path = `${directory}/inner`;
    system.makeDirectory(path);
    const before = system.times(path)?.born;
    ok(before !== undefined, "no birth time is known");
    system.removeDirectory(path);
    eventually(system, directory, () => {
      system.makeDirectory(path);
      const isOther = !isSame(system.times(path)?.born, before);
      if (!isOther) system.removeDirectory(path);
      return isOther;
    });
    const { seconds = 0, nanoseconds = -1 } = system.times(path)?.born ?? {};
    ok(seconds > 0 && nanoseconds >= 0 && nanoseconds < 1e9, `${seconds} ${nanoseconds}`);
  },

  "times() does not follow a link, and gives nothing for what is not there"(system, { directory }) {
    system.makeLink(`${directory}/dangling`, "nowhere");
    ok(system.times(`${directory}/dangling`) !== undefined, "a link has no times");
    for (const path of ["missing", "missing/below", "dangling/below"])
      equal(system.times(`${directory}/${path}`), undefined);
    system.makeLink(`${directory}/circle`, "circle");
    fails("ELOOP", () => system.times(`${directory}/circle/below`));
  },

  "status() tells what a sparse file really takes"(system, fixtures) {
    const status = system.status(fixtures.sparseFile());
    equal([status?.bytes, status?.allocatedBytes], [64 << 20, 0]);
  },

  "setMode() sets every permission bit"(system, { directory }) {
    system.makeDirectory(`${directory}/directory`);
    system.makeLink(`${directory}/link`, "directory");
    for (const mode of [0o1777, 0o2755, 0o4711, 0o000]) {
      system.setMode(`${directory}/link`, mode);
      equal(system.status(`${directory}/directory`)?.mode, mode);
    }
    fails("ENOENT", () => system.setMode(`${directory}/missing`, 0o644));
  },

  "setOwner() sets the owner of a link itself"(system, { directory }) {
    system.writeFile(`${directory}/file`, "");
    system.makeLink(`${directory}/link`, "file");
    system.setOwner(`${directory}/link`, 1000, 100_000);
    const [link, file] = [
      system.linkStatus(`${directory}/link`),
      system.status(`${directory}/file`),
    ];
    equal([link?.uid, link?.gid, file?.uid, file?.gid], [1000, 100_000, 0, 0]);
    fails("ENOENT", () => system.setOwner(`${directory}/missing`, 0, 0));
  },

  "getXattr() gives back any bytes that setXattr() set"(system, { directory }) {
    system.writeFile(`${directory}/file`, "");
    for (const value of [bytes(), bytes(0, 255, 10), bytes(121), new Uint8Array(4000).fill(7)]) {
      system.setXattr(`${directory}/file`, "trusted.overlay.opaque", value);
      equal(system.getXattr(`${directory}/file`, "trusted.overlay.opaque"), value);
    }
  },

  "setXattr() and getXattr() mean a link itself, not what it leads to"(system, { directory }) {
    system.writeFile(`${directory}/file`, "");
    system.makeLink(`${directory}/link`, "file");
    system.setXattr(`${directory}/link`, "trusted.of-link", bytes(1));
    system.setXattr(`${directory}/file`, "trusted.of-file", bytes(2));
    equal(system.getXattr(`${directory}/link`, "trusted.of-link"), bytes(1));
    equal(system.getXattr(`${directory}/link`, "trusted.of-file"), undefined);
    equal(system.listXattrs(`${directory}/link`), ["trusted.of-link"]);
    equal(system.listXattrs(`${directory}/file`), ["trusted.of-file"]);
  },

  "fileHandle() tells files apart, by whatever name"(system, { directory }) {
    for (const name of ["one", "two"]) system.writeFile(`${directory}/${name}`, "");
    system.makeHardLink(`${directory}/again`, `${directory}/one`);
    system.makeLink(`${directory}/link`, "one");
    const [one, two, again, link] = ["one", "two", "again", "link"].map((name) =>
      String(system.fileHandle(`${directory}/${name}`)),
    );
    equal(again, one);
    ok(one !== two && one !== link, "two files have one handle");
    fails("ENOENT", () => system.fileHandle(`${directory}/missing`));
  },

  "removeXattr() removes an attribute, of a link itself, and none that is not there"(
    system,
    { directory },
  ) {
    system.writeFile(`${directory}/file`, "");
    system.makeLink(`${directory}/link`, "file");
    for (const path of [`${directory}/file`, `${directory}/link`])
      for (const name of ["trusted.a", "trusted.b"]) system.setXattr(path, name, bytes(1));
    for (let time = 0; time < 2; time++) system.removeXattr(`${directory}/link`, "trusted.a");
    equal(system.listXattrs(`${directory}/link`), ["trusted.b"]);
    equal(system.listXattrs(`${directory}/file`), ["trusted.a", "trusted.b"]);
    fails("ENOENT", () => system.removeXattr(`${directory}/missing`, "trusted.a"));
  },

  "listXattrs() gives the names in order"(system, { directory }) {
    system.makeDirectory(`${directory}/directory`);
    equal(system.listXattrs(`${directory}/directory`), []);
    for (const name of ["trusted.z", "security.capability-of-ours", "trusted.a"])
      system.setXattr(`${directory}/directory`, name, bytes(1));
    equal(system.listXattrs(`${directory}/directory`), [
      "security.capability-of-ours",
      "trusted.a",
      "trusted.z",
    ]);
  },

  "attributes that are not there are undefined, files that are not there fail"(
    system,
    { directory },
  ) {
    system.writeFile(`${directory}/file`, "");
    system.makeLink(`${directory}/dangling`, "nowhere");
    equal(system.getXattr(`${directory}/file`, "trusted.missing"), undefined);
    equal(system.listXattrs(`${directory}/dangling`), []);
    fails("ENOENT", () => system.getXattr(`${directory}/missing`, "trusted.a"));
    fails("ENOENT", () => system.listXattrs(`${directory}/missing`));
    fails("ENOENT", () => system.setXattr(`${directory}/missing`, "trusted.a", bytes()));
  },

  "a file system without attributes has none, and takes none"(system) {
    equal(system.getXattr("/proc/version", "trusted.a"), undefined);
    equal(system.listXattrs("/proc/version"), []);
    fails("EOPNOTSUPP", () => system.setXattr("/proc/version", "trusted.a", bytes(1)));
  },

  "sync() takes files and directories"(system, { directory }) {
    system.writeFile(`${directory}/file`, "");
    system.sync(`${directory}/file`);
    system.sync(directory);
    fails("ENOENT", () => system.sync(`${directory}/missing`));
  },
};

/** Changes a directory until something has happened: the kernel's clock for files is a coarse one. */
function eventually(system: System, directory: string, hasHappened: () => boolean): void {
  for (let attempt = 0; attempt < 100_000; attempt++) {
    if (hasHappened()) return;
    system.makeDirectory(`${directory}/attempt`);
    system.removeDirectory(`${directory}/attempt`);
  }
  ok(false, "it never happened");
}

type Time = NonNullable<ReturnType<System["times"]>>["modified"];

function isSame(one: Time | undefined, other: Time | undefined): boolean {
  return one?.seconds === other?.seconds && one?.nanoseconds === other?.nanoseconds;
}
