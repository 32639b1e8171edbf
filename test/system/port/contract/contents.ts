// The contract, part 1: the contents of files and directories.
import type { Predicate } from "../contract.ts";
import { bytes, equal, fails, ok, replaceFile } from "./expect.ts";

const readonlyTmpfs = { source: "none", type: "tmpfs", flags: ["ro"] } as const;

/** Predicates about reading, writing and listing. */
export const contents: Record<string, Predicate> = {
  "readText() gives back the text that writeFile() wrote"(system, { directory }) {
    for (const text of ["", "plain\n", "grüße, 🎉\n", "with \0 inside", "x".repeat(100_000)]) {
      replaceFile(system, `${directory}/file`, text);
      equal(system.readText(`${directory}/file`), text);
    }
  },

  "readText() reads files whose size is not known before"(system) {
    equal(system.status("/proc/version")?.bytes, 0);
    ok(system.readText("/proc/version").length > 10, "/proc/version is empty");
  },

  "readText() puts U+FFFD for what is not UTF-8 and keeps what is around it"(
    system,
    { directory },
  ) {
    const cases = [
      { found: [0x61, 0xff, 0x62], text: "a\ufffdb" },
      { found: [0x80, 0x62, 0xbf, 0xbf, 0x63], text: "\ufffdb\ufffd\ufffdc" },
      { found: [0x61, 0xc3], text: "a\ufffd" },
      { found: [0xe2, 0x82, 0x78], text: "\ufffdx" },
      { found: [0xc0, 0x80, 0xed, 0xa0, 0x80], text: "\ufffd".repeat(5) },
    ];
    for (const { found, text } of cases) {
      replaceFile(system, `${directory}/file`, bytes(...found));
      equal(system.readText(`${directory}/file`), text);
    }
  },

  "readText() refuses what is not a regular file instead of waiting for it"(system, { directory }) {
    system.makeNode(`${directory}/endless`, "character", 0o600, 0x105);
    fails("EISDIR", () => system.readText(directory));
    fails("EINVAL", () => system.readText(`${directory}/endless`));
  },

  "no function waits for the other end of a fifo"(system, fixtures) {
    const fifo = fixtures.fifo();
    equal(system.status(fifo)?.kind, "fifo");
    fails("EINVAL", () => system.readText(fifo));
    fails("ESPIPE", () => system.readBytes(fifo, 0, 1));
    fails("EEXIST", () => system.writeFile(fifo, "text"));
    fails("ENXIO", () => system.appendFile(fifo, "text"));
    fails("ENXIO", () => system.writeBytes(fifo, 0, bytes(1)));
    fails("ENXIO", () => system.allocate(fifo, 0, 1));
    fails("EINVAL", () => system.truncate(fifo, 0));
    fails("EEXIST", () => system.createFile(fifo));
    system.disableCopyOnWrite(fifo);
    system.syncFileSystem(fifo);
    equal(
      system.withLock(fifo, () => 1),
      1,
    );
    fails("EINVAL", () => system.withLoop({ file: fifo, readonly: true }, () => 0));
    fails("EINVAL", () => system.withLoop({ file: fifo, readonly: false }, () => 0));
    fails("EINVAL", () => system.sync(fifo));
    equal(system.deviceBytes(fifo), 0);
    system.removeFile(fifo);
  },

  "readText() says why there is nothing to read"(system, { directory }) {
    system.writeFile(`${directory}/file`, "");
    system.makeLink(`${directory}/dangling`, "nowhere");
    system.makeLink(`${directory}/circle`, "circle");
    fails("ENOENT", () => system.readText(`${directory}/missing`));
    fails("ENOENT", () => system.readText(`${directory}/missing/file`));
    fails("ENOENT", () => system.readText(`${directory}/dangling`));
    fails("ENOENT", () => system.readText(""));
    fails("ENOTDIR", () => system.readText(`${directory}/file/below`));
    fails("ELOOP", () => system.readText(`${directory}/circle`));
  },

  "readBytes() gives the range, and less at the end"(system, { directory }) {
    const file = `${directory}/file`;
    system.writeFile(file, bytes(0, 1, 2, 3, 254, 255));
    equal(system.readBytes(file, 0, 6), bytes(0, 1, 2, 3, 254, 255));
    equal(system.readBytes(file, 3, 2), bytes(3, 254));
    equal(system.readBytes(file, 4, 100), bytes(254, 255));
    equal(system.readBytes(file, 6, 1), bytes());
    equal(system.readBytes(file, 1_000_000, 1), bytes());
    equal(system.readBytes(file, 2, 0), bytes());
  },

  "readBytes() gives memory of its own each time"(system, { directory }) {
    system.writeFile(`${directory}/file`, bytes(1, 2));
    system.readBytes(`${directory}/file`, 0, 2).fill(9);
    equal(system.readBytes(`${directory}/file`, 0, 2), bytes(1, 2));
  },

  "readBytes() reads holes as zeros"(system, fixtures) {
    equal(system.readBytes(fixtures.sparseFile(), (64 << 20) - 2, 10), bytes(0, 0));
  },

  "readBytes() refuses a range that cannot be"(system, { directory }) {
    system.writeFile(`${directory}/file`, "text");
    fails("EINVAL", () => system.readBytes(`${directory}/file`, -1, 2));
    fails("EINVAL", () => system.readBytes(`${directory}/file`, 0, -1));
    fails("EINVAL", () => system.readBytes(`${directory}/file`, 0, 2 ** 52));
    fails("EISDIR", () => system.readBytes(directory, 0, 1));
    fails("ENOENT", () => system.readBytes(`${directory}/missing`, 0, 1));
  },

  "writeFile() writes U+FFFD for half a surrogate pair"(system, { directory }) {
    system.writeFile(`${directory}/file`, "caf\udce9, \ud83d.");
    equal(system.readText(`${directory}/file`), "caf\ufffd, \ufffd.");
  },

  "writeFile() makes mode 644 unless told otherwise, less the umask of 022"(system, { directory }) {
    system.writeFile(`${directory}/plain`, "");
    system.writeFile(`${directory}/private`, "", 0o600);
    system.writeFile(`${directory}/tool`, "", 0o777);
    equal(
      ["plain", "private", "tool"].map((name) => system.status(`${directory}/${name}`)?.mode),
      [0o644, 0o600, 0o755],
    );
  },

  "writeFile() writes nothing where anything has the name"(system, { directory }) {
    system.writeFile(`${directory}/file`, "text");
    system.makeDirectory(`${directory}/directory`);
    system.makeLink(`${directory}/link`, "file");
    system.makeLink(`${directory}/dangling`, "nowhere");
    system.makeNode(`${directory}/null`, "character", 0o666, 0x103);
    for (const name of ["file", "directory", "link", "dangling", "null"])
      fails("EEXIST", () => system.writeFile(`${directory}/${name}`, "other"));
    equal(system.list(directory), ["dangling", "directory", "file", "link", "null"]);
    equal(system.readText(`${directory}/file`), "text");
  },

  "writeFile() says why it cannot"(system, { directory }) {
    system.writeFile(`${directory}/file`, "");
    system.makeDirectory(`${directory}/mounted`);
    system.mount({ ...readonlyTmpfs, target: `${directory}/mounted` });
    fails("ENOENT", () => system.writeFile(`${directory}/missing/file`, ""));
    fails("ENOTDIR", () => system.writeFile(`${directory}/file/below`, ""));
    fails("EISDIR", () => system.writeFile(`${directory}/mounted/`, ""));
    fails("EROFS", () => system.writeFile(`${directory}/mounted/file`, ""));
  },

  "writeFile() fails when there is no room"(system, { directory }) {
    system.makeDirectory(`${directory}/small`);
    system.mount({ source: "none", target: `${directory}/small`, type: "tmpfs", data: "size=64k" });
    fails("ENOSPC", () => system.writeFile(`${directory}/small/file`, "x".repeat(100_000)));
  },

  "appendFile() adds at the end of what is there"(system, { directory }) {
    system.writeFile(`${directory}/log`, "one\n");
    system.appendFile(`${directory}/log`, bytes(0x32, 0x0a));
    equal(system.readText(`${directory}/log`), "one\n2\n");
    equal(system.status(`${directory}/log`)?.mode, 0o644);
    fails("EISDIR", () => system.appendFile(directory, ""));
    fails("ENOENT", () => system.appendFile(`${directory}/missing`, ""));
    fails("ENOENT", () => system.appendFile(`${directory}/missing/log`, ""));
  },

  "list() gives the names in order, without those of the directory itself"(system, { directory }) {
    equal(system.list(directory), []);
    for (const name of ["b", "a", "B", ".hidden", "a10", "a2"])
      system.writeFile(`${directory}/${name}`, "");
    system.makeDirectory(`${directory}/directory`);
    equal(system.list(directory), [".hidden", "B", "a", "a10", "a2", "b", "directory"]);
    equal(system.list(`${directory}/directory/`), []);
  },

  "list() says why it cannot"(system, { directory }) {
    system.writeFile(`${directory}/file`, "");
    fails("ENOENT", () => system.list(`${directory}/missing`));
    fails("ENOTDIR", () => system.list(`${directory}/file`));
  },
};
