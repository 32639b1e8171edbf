// The contract, part 1b: reading what lies on a disk that others wrote.
import type { Predicate } from "../contract.ts";
import { bytes, equal, fails } from "./expect.ts";

/** Predicates about withFile() and listBelow(). */
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
};
