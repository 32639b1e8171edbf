// The contract, part 1b: reading what lies on a disk that others wrote.
import type { Predicate } from "../contract.ts";
import { bytes, equal, fails } from "./expect.ts";

/** A mebibyte in which all bytes occur. */
const bigPiece = Uint8Array.from({ length: 2 ** 20 }, (_, index) => index);

/** Lengths around the ends of blocks and of parts, and what sha512sum(1) prints for them. */
const sums: readonly (readonly [length: number, sum: string])[] = [
  [
    0,
    "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
  ],
  [
    1,
    "b8244d028981d693af7b456af8efa4cad63d282e19ff14942c246e50d9351d22704a802a71c3580b6370de4ceb293c324a8423342557d4e5c38438f0e36910ee",
  ],
  [
    111,
    "a1a111449b198d9b1f538bad7f3fc1022b3a5b1a5e90a0bc860de8512746cbc31599e6c834de3a3235327af0b51ff57bf7acf1974a73014d9c3953812edc7c8d",
  ],
  [
    112,
    "c5fbd731d19d2ae1180f001be72c2c1aaba1d7b094b3748880e24593b8e117a750e11c1bd867cc2f96dace8c8b74abd2d5c4f236be444e77d30d1916174070b9",
  ],
  [
    127,
    "eab89674feaa34e27aebeeff3c0a4d70070bb872d5e9f186cf1dbbdee517b6e35724d629ff025a5b07185e911ada7e3c8acf830aa0e4f71777bd2d44f504f7f0",
  ],
  [
    128,
    "1dffd5e3adb71d45d2245939665521ae001a317a03720a45732ba1900ca3b8351fc5c9b4ca513eba6f80bc7b1d1fdad4abd13491cb824d61b08d8c0e1561b3f7",
  ],
  [
    129,
    "1d9da57fbbdab09afb3506ab2d223d06109d65c1c8ad197f50138f714bc4c3f2fe5787922639c680acad1c651f955990425954ce2cba0c5cc83f2667d878eb0f",
  ],
  [
    240,
    "6c48466c9f6c07e4ab762c696b7eeb35cfe236fca73683e5fab873ac3489b4d2eb3d7afcce7e8165dbbf37aded3b5b0c889c0b7e0f1790a8330d8677429d91a5",
  ],
  [
    4 * bigPiece.length - 1,
    "28eb66b5a97c53f1f22628edf7adf1421ff98594bc427b36127335aa05e702e90076e3a3ce2a6edcf8c6b826ff3935614a6f6f62514b95998066342b6d8ad2fc",
  ],
  [
    4 * bigPiece.length,
    "1baaf777661c6d2899ee4a8903e2d4e19d1f5989a6cead2e0a4276272ef8ff137a7724b77e85d60844bb314547d221d4b3ccbf1bed88e931cb351d1f3386462d",
  ],
  [
    4 * bigPiece.length + 1,
    "763159c5ade054729c0f6e215600ec984f9b0d928f4fc8df9d5493c103281010bec259c586c81f5b7376a5476d4f502e5df88c57c161d3d41c3f724ebc9a7cd7",
  ],
];

/** Predicates about withFile(), listBelow(), openNames(), lookIn() and isSameContent(). */
export const reading: Record<string, Predicate> = {
  "withFile() gives status, bytes and text of a file below a root"(system, { directory }) {
    system.makeDirectory(`${directory}/a`);
    system.writeFile(`${directory}/a/file`, "grüße\n");
    for (const path of ["a/file", "/a/file", "a//./file"])
      equal(
        system.withFile({ root: directory, path }, ({ status, read, text }) => [
          status.kind,
          status.bytes,
          status.inode === system.status(`${directory}/a/file`)?.inode,
          read(2, 2),
          read(6, 100),
          read(1000, 1),
          text(8),
        ]),
        ["file", 8, true, bytes(0xc3, 0xbc), bytes(0x65, 0x0a), bytes(), "grüße\n"],
      );
  },

  "withFile() gives the SHA-512 of a file, whatever its length"(system, { directory }) {
    for (const [length, sum] of sums) {
      const path = `${directory}/file`;
      system.writeFile(path, "");
      for (let at = 0; at < length; at += bigPiece.length)
        system.appendFile(path, bigPiece.subarray(0, Math.min(bigPiece.length, length - at)));
      const seen: number[] = [];
      const found = system.withFile({ root: directory, path: "file" }, ({ sha512 }) =>
        sha512((done) => seen.push(done)),
      );
      equal([length, found], [length, sum]);
      equal(
        seen.every((done) => done <= length),
        true,
      );
      system.removeFile(path);
    }
  },

  "withFile() tells where a file has data, and nothing else is anything but zeros"(
    system,
    { directory },
  ) {
    const path = `${directory}/holes`;
    system.writeFile(path, "");
    system.truncate(path, 3 << 20);
    system.writeBytes(path, 1 << 20, Uint8Array.of(1, 2, 3));
    system.withFile({ root: directory, path: "holes" }, ({ data, read }) => {
      const ranges = data();
      const within = (at: number) =>
        ranges.some(({ offset, bytes }) => at >= offset && at < offset + bytes);
      equal([within(1 << 20), within((1 << 20) + 2)], [true, true]);
      equal(
        ranges.every(({ offset, bytes }) => bytes > 0 && offset + bytes <= 3 << 20),
        true,
      );
      equal([...read(1 << 20, 4)], [1, 2, 3, 0]);
    });
    system.writeFile(`${directory}/empty`, "");
    equal(
      system.withFile({ root: directory, path: "empty" }, ({ data }) => data()),
      [],
    );
  },

  "withFile() refuses a text that is longer than said"(system, { directory }) {
    system.writeFile(`${directory}/file`, "1234");
    system.withFile({ root: directory, path: "file" }, ({ text }) => {
      fails("EFBIG", () => text(3));
      equal(text(4), "1234");
    });
  },

  "withFile() refuses a range that cannot be"(system, { directory }) {
    system.writeFile(`${directory}/file`, "1234");
    system.withFile({ root: directory, path: "file" }, ({ read }) => {
      fails("EINVAL", () => read(-1, 2));
      fails("EINVAL", () => read(0, -1));
      fails("EINVAL", () => read(0, 2 ** 52));
    });
  },

  "withFile() reads the file that it has opened, whatever gets its name"(system, { directory }) {
    system.writeFile(`${directory}/file`, "one");
    system.writeFile(`${directory}/other`, "two");
    system.withFile({ root: directory, path: "file" }, ({ text }) => {
      system.rename(`${directory}/other`, `${directory}/file`);
      equal(text(10), "one");
    });
  },

  "withFile() and listBelow() follow no link, wherever it is in the path"(system, { directory }) {
    system.makeDirectory(`${directory}/a`);
    system.writeFile(`${directory}/a/file`, "text");
    system.makeLink(`${directory}/a/log`, "/proc/kmsg");
    system.makeLink(`${directory}/a/link`, "file");
    system.makeLink(`${directory}/b`, "a");
    const read = (path: string) => system.withFile({ root: directory, path }, () => 0);
    for (const path of ["a/log", "a/link", "b/file", "/b/file", "b"])
      fails("ELOOP", () => read(path));
    fails("ELOOP", () => system.listBelow({ root: directory, path: "b" }, 10));
    fails("EINVAL", () => read("a/../a/file"));
    fails("EINVAL", () => system.listBelow({ root: directory, path: ".." }, 10));
  },

  "withFile() takes a root that is itself reached by a link"(system, { directory }) {
    system.makeDirectory(`${directory}/a`);
    system.writeFile(`${directory}/a/file`, "text");
    system.makeLink(`${directory}/b`, "a");
    const root = `${directory}/b`;
    equal(
      system.withFile({ root, path: "file" }, ({ text }) => text(4)),
      "text",
    );
    equal(system.listBelow({ root, path: "" }, 1), ["file"]);
  },

  "withFile() opens nothing but a regular file"(system, fixtures) {
    const root = fixtures.directory;
    const fifo = fixtures.fifo().slice(root.length);
    system.makeNode(`${root}/endless`, "character", 0o600, 0x105);
    // A device that is not there says ENXIO when it is opened.
    system.makeNode(`${root}/nothing`, "character", 0o600, 0x3fff01);
    const read = (path: string) => system.withFile({ root, path }, () => 0);
    fails("EINVAL", () => read("endless"));
    fails("EINVAL", () => read("nothing"));
    fails("EINVAL", () => read(fifo));
    fails("EISDIR", () => read(""));
    fails("ENOENT", () => read("missing"));
    fails("ENOENT", () => read("missing/file"));
    fails("ENOTDIR", () => read("endless/file"));
    system.removeFile(`${root}${fifo}`);
  },

  "listBelow() gives the names in order, up to a number of them"(system, { directory }) {
    for (const name of ["b", "a", "c"]) system.writeFile(`${directory}/${name}`, "");
    equal(system.listBelow({ root: directory, path: "/" }, 3), ["a", "b", "c"]);
    fails("EFBIG", () => system.listBelow({ root: directory, path: "" }, 2));
    fails("ENOTDIR", () => system.listBelow({ root: directory, path: "a" }, 2));
    fails("ENOENT", () => system.listBelow({ root: directory, path: "d" }, 2));
  },

  "openNames() gives all names, and then none"(system, { directory }) {
    const wanted = Array.from({ length: 2000 }, (_, index) => `${"n".repeat(40)}${index}`).sort();
    system.makeDirectory(`${directory}/many`);
    for (const name of wanted) system.writeFile(`${directory}/many/${name}`, "");
    const open = system.openNames({ root: directory, path: "/many" });
    const found: string[] = [];
    for (let some = open.next(); some.length > 0; some = open.next()) found.push(...some);
    equal(open.next(), []);
    open.close();
    equal(found.sort(), wanted);
    system.makeDirectory(`${directory}/none`);
    const none = system.openNames({ root: directory, path: "none" });
    equal(none.next(), []);
    none.close();
  },

  "openNames() follows no link"(system, { directory }) {
    system.makeDirectory(`${directory}/a`);
    system.makeLink(`${directory}/b`, "a");
    system.writeFile(`${directory}/file`, "");
    fails("ELOOP", () => system.openNames({ root: directory, path: "b" }));
    fails("ENOTDIR", () => system.openNames({ root: directory, path: "file" }));
    fails("ENOENT", () => system.openNames({ root: directory, path: "c" }));
    fails("EINVAL", () => system.openNames({ root: directory, path: ".." }));
  },

  "copyData() copies every byte, and no holes"(system, { directory }) {
    const from = `${directory}/from`;
    system.writeFile(from, "begin");
    system.writeBytes(from, 3 << 20, bigPiece);
    system.truncate(from, 6 << 20);
    system.writeFile(`${directory}/to`, "what was there before");
    system.copyData({ root: directory, path: "from" }, `${directory}/to`);
    const [one, other] = ["from", "to"].map((name) => system.status(`${directory}/${name}`));
    equal([other?.bytes, other?.allocatedBytes], [one?.bytes, one?.allocatedBytes]);
    equal(
      system.isSameContent({ root: directory, path: "from" }, { root: directory, path: "to" }),
      true,
    );
    system.writeFile(`${directory}/empty`, "");
    system.copyData({ root: directory, path: "empty" }, `${directory}/to`);
    equal(system.status(`${directory}/to`)?.bytes, 0);
  },

  "copyData() opens nothing but files, and follows no link of the disk"(system, { directory }) {
    system.writeFile(`${directory}/to`, "");
    system.makeDirectory(`${directory}/a`);
    system.makeLink(`${directory}/link`, "to");
    system.makeNode(`${directory}/pipe`, "fifo", 0o600, 0);
    const copy = (path: string) => () =>
      system.copyData({ root: directory, path }, `${directory}/to`);
    fails("EISDIR", copy("a"));
    fails("ELOOP", copy("link"));
    fails("EINVAL", copy("pipe"));
    fails("ENOENT", copy("missing"));
    fails("EISDIR", () => system.copyData({ root: directory, path: "to" }, `${directory}/a`));
  },

  "lookIn() tells what a directory has under names"(system, { directory }) {
    system.makeDirectory(`${directory}/a`, 0o750);
    system.writeFile(`${directory}/file`, "four", 0o640);
    system.makeLink(`${directory}/link`, "nowhere");
    system.setXattr(`${directory}/file`, "trusted.one", bytes(1, 2));
    system.setXattr(`${directory}/file`, "trusted.two", bytes(3));
    const names = ["file", ".", "none", "link", "a", "file"];
    const found = system.lookIn(directory, names, "trusted.two");
    equal(
      found.map((entry) => entry && [entry.kind, entry.target]),
      [
        ["file", undefined],
        ["directory", undefined],
        undefined,
        ["link", "nowhere"],
        ["directory", undefined],
        ["file", undefined],
      ],
    );
    const [file] = found;
    const status = system.linkStatus(`${directory}/file`);
    equal(
      [file?.mode, file?.bytes, file?.inode, file?.links, file?.uid, file?.gid],
      [status?.mode, status?.bytes, status?.inode, status?.links, status?.uid, status?.gid],
    );
    equal(file?.modified, system.times(`${directory}/file`)?.modified);
    equal(
      [...(file?.xattrs ?? [])].sort().map(([name, value]) => [name, [...value]]),
      [
        ["trusted.one", [1, 2]],
        ["trusted.two", []],
      ],
    );
    equal([...(system.lookIn(directory, ["file"])[0]?.xattrs.get("trusted.two") ?? [])], [3]);
  },

  "lookIn() looks at names only"(system, { directory }) {
    system.makeDirectory(`${directory}/a`);
    system.writeFile(`${directory}/a/file`, "");
    for (const name of ["", "..", "a/file", "/"])
      fails("EINVAL", () => system.lookIn(directory, [name]));
    fails("ENOTDIR", () => system.lookIn(`${directory}/a/file`, ["x"]));
    fails("ENOENT", () => system.lookIn(`${directory}/b`, []));
    // Nothing but the names is relative to the directory.
    equal(system.lookIn(`${directory}/a`, ["file"])[0]?.kind, "file");
    equal(system.status(".")?.inode, system.status(system.resolve("."))?.inode);
  },

  "isSameContent() compares every byte of two files"(system, { directory }) {
    const part = 2 ** 16;
    const one = { root: directory, path: "one" };
    const other = { root: directory, path: "other" };
    for (const length of [0, 1, part - 1, part, part + 1, 2 * part]) {
      for (const { path } of [one, other])
        system.writeFile(`${directory}/${path}`, bigPiece.subarray(0, length));
      equal([length, system.isSameContent(one, other)], [length, true]);
      if (length > 0) {
        system.writeBytes(`${directory}/other`, length - 1, bytes(0x5a));
        equal([length, system.isSameContent(one, other)], [length, false]);
      }
      system.truncate(`${directory}/other`, length + 1);
      equal([length, system.isSameContent(one, other)], [length, false]);
      for (const { path } of [one, other]) system.removeFile(`${directory}/${path}`);
    }
  },

  "isSameContent() opens nothing but files, and follows no link"(system, { directory }) {
    system.writeFile(`${directory}/file`, "text");
    system.makeLink(`${directory}/link`, "file");
    const same = (path: string) =>
      system.isSameContent({ root: directory, path: "file" }, { root: directory, path });
    fails("ELOOP", () => same("link"));
    fails("EISDIR", () => same(""));
    fails("ENOENT", () => same("none"));
  },
};
