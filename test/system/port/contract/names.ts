// The contract, part 2: names, and what creates, moves and removes them.
import type { Predicate } from "../contract.ts";
import { equal, fails, ok } from "./expect.ts";

/** Predicates about names, links, creating, renaming and removing. */
export const names: Record<string, Predicate> = {
  "names with any bytes come back as they were"(system, { directory }) {
    const all: string[] = [
      "caf\udce9",
      "\udc80\udcff",
      "grüße",
      "🎉",
      "\ufffd",
      "new\nline",
      " ",
      "-",
      "$(x)'\"",
    ];
    for (let byte = 1; byte < 256; byte++) {
      if (byte === 0x2f || byte === 0x20 || byte === 0x2d || byte === 0x2e) continue;
      all.push(String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte));
    }
    for (const name of all) system.writeFile(`${directory}/${name}`, name);
    equal(system.list(directory), all.sort());
    for (const name of all) equal(system.status(`${directory}/${name}`)?.kind, "file");
    system.makeLink(`${directory}/link`, "\udc80\udcff");
    equal(system.readLink(`${directory}/link`), "\udc80\udcff");
    equal(system.resolve(`${directory}/link`), `${directory}/\udc80\udcff`);
  },

  "names may have 255 bytes and no zero"(system, { directory }) {
    system.writeFile(`${directory}/${"ü".repeat(127)}x`, "");
    fails("ENAMETOOLONG", () => system.writeFile(`${directory}/${"ü".repeat(128)}`, ""));
    fails("EINVAL", () => system.writeFile(`${directory}/a\0b`, ""));
    equal(system.list(directory), [`${"ü".repeat(127)}x`]);
  },

  "readLink() gives the text of a link"(system, { directory }) {
    for (const target of ["nowhere", "/etc/../etc", "../x y"]) {
      system.makeLink(`${directory}/link`, target);
      equal(system.readLink(`${directory}/link`), target);
      system.removeFile(`${directory}/link`);
    }
    system.writeFile(`${directory}/file`, "");
    fails("EINVAL", () => system.readLink(`${directory}/file`));
    fails("ENOENT", () => system.readLink(`${directory}/missing`));
  },

  "resolve() follows every link and drops what is not needed"(system, { directory }) {
    system.makeDirectory(`${directory}/real`);
    system.makeDirectory(`${directory}/real/below`);
    system.makeLink(`${directory}/one`, "real");
    system.makeLink(`${directory}/real/two`, "../one/below");
    system.makeLink(`${directory}/three`, `${directory}/one/two`);
    equal(system.resolve(`${directory}/three`), `${directory}/real/below`);
    equal(system.resolve(`${directory}//one/./below/..`), `${directory}/real`);
    equal(system.resolve("/.."), "/");
    fails("ENOENT", () => system.resolve(`${directory}/missing`));
  },

  "makeDirectory() makes one directory"(system, { directory }) {
    system.makeDirectory(`${directory}/plain`);
    system.makeDirectory(`${directory}/private/`, 0o700);
    equal(
      [system.status(`${directory}/plain`)?.mode, system.status(`${directory}/private`)?.mode],
      [0o755, 0o700],
    );
    system.writeFile(`${directory}/file`, "");
    fails("EEXIST", () => system.makeDirectory(`${directory}/plain`));
    fails("EEXIST", () => system.makeDirectory(`${directory}/file`));
    fails("EEXIST", () => system.makeDirectory("/"));
    fails("ENOENT", () => system.makeDirectory(`${directory}/a/b`));
    fails("ENOTDIR", () => system.makeDirectory(`${directory}/file/b`));
  },

  "makeLink() does not care what it points to, but never replaces"(system, { directory }) {
    system.makeLink(`${directory}/link`, "nowhere");
    fails("EEXIST", () => system.makeLink(`${directory}/link`, "elsewhere"));
    fails("ENOENT", () => system.makeLink(`${directory}/missing/link`, "x"));
    fails("ENOENT", () => system.makeLink(`${directory}/empty`, ""));
  },

  "makeNode() makes devices, the whiteout of overlays among them"(system, { directory }) {
    system.makeNode(`${directory}/whiteout`, "character", 0o000, 0);
    system.makeNode(`${directory}/block`, "block", 0o600, 0x701);
    const [whiteout, block] = ["whiteout", "block"].map((name) =>
      system.linkStatus(`${directory}/${name}`),
    );
    equal([whiteout?.kind, whiteout?.deviceNumber, whiteout?.mode], ["character", 0, 0]);
    equal([block?.kind, block?.deviceNumber, block?.mode], ["block", 0x701, 0o600]);
    fails("EEXIST", () => system.makeNode(`${directory}/block`, "block", 0o600, 0));
  },

  "makeNode() makes pipes and sockets, and no files"(system, { directory }) {
    system.makeNode(`${directory}/pipe`, "fifo", 0o640, 0);
    system.makeNode(`${directory}/socket`, "socket", 0o600, 0);
    equal(
      ["pipe", "socket"].map((name) => system.linkStatus(`${directory}/${name}`)?.kind),
      ["fifo", "socket"],
    );
    for (const kind of ["file", "directory", "link", ""])
      fails("EINVAL", () => system.makeNode(`${directory}/a`, kind as "fifo", 0o600, 0));
    equal(system.list(directory), ["pipe", "socket"]);
  },

  "makeHardLink() gives one file two names"(system, { directory }) {
    system.writeFile(`${directory}/one`, "1");
    system.makeHardLink(`${directory}/two`, `${directory}/one`);
    const [one, two] = ["one", "two"].map((name) => system.status(`${directory}/${name}`));
    equal([one?.inode, one?.links], [two?.inode, 2]);
    system.appendFile(`${directory}/two`, "2");
    equal(system.readText(`${directory}/one`), "12");
    system.removeFile(`${directory}/one`);
    equal(
      [system.readText(`${directory}/two`), system.status(`${directory}/two`)?.links],
      ["12", 1],
    );
  },

  "makeHardLink() does not follow a link, and replaces nothing"(system, { directory }) {
    system.makeLink(`${directory}/link`, "nowhere");
    system.makeHardLink(`${directory}/again`, `${directory}/link`);
    equal(system.readLink(`${directory}/again`), "nowhere");
    fails("EEXIST", () => system.makeHardLink(`${directory}/again`, `${directory}/link`));
    fails("ENOENT", () => system.makeHardLink(`${directory}/a`, `${directory}/missing`));
    system.makeDirectory(`${directory}/directory`);
    fails("EPERM", () => system.makeHardLink(`${directory}/a`, `${directory}/directory`));
    system.mount({ source: "none", target: `${directory}/directory`, type: "tmpfs" });
    fails("EXDEV", () => system.makeHardLink(`${directory}/directory/a`, `${directory}/link`));
  },

  "exchange() gives two files each other's name, whatever they are"(system, { directory }) {
    system.writeFile(`${directory}/file`, "text");
    system.makeDirectory(`${directory}/full`);
    system.writeFile(`${directory}/full/inner`, "");
    system.makeLink(`${directory}/link`, "nowhere");
    system.exchange(`${directory}/file`, `${directory}/full`);
    system.exchange(`${directory}/link`, `${directory}/full`);
    equal(system.list(`${directory}/file`), ["inner"]);
    equal(system.readText(`${directory}/link`), "text");
    equal(system.readLink(`${directory}/full`), "nowhere");
    fails("ENOENT", () => system.exchange(`${directory}/link`, `${directory}/missing`));
    fails("EINVAL", () => system.exchange(`${directory}/file`, `${directory}/file/inner`));
    equal(system.list(directory), ["file", "full", "link"]);
  },

  "makeTemporaryDirectory() makes another one each time, for nobody else"(system, { directory }) {
    const [one, other] = [0, 1].map(() => system.makeTemporaryDirectory(`${directory}/tmp-`));
    ok(one !== other, "both have one name");
    for (const path of [one, other]) {
      ok(path?.startsWith(`${directory}/tmp-`) === true, `the name is ${path}`);
      equal(
        [system.status(path ?? "")?.kind, system.status(path ?? "")?.mode],
        ["directory", 0o700],
      );
    }
    fails("ENOENT", () => system.makeTemporaryDirectory(`${directory}/missing/tmp-`));
  },

  "removeFile() removes one name and not what a link points to"(system, { directory }) {
    system.writeFile(`${directory}/file`, "");
    system.makeLink(`${directory}/link`, "file");
    system.removeFile(`${directory}/link`);
    equal(system.list(directory), ["file"]);
    system.removeFile(`${directory}/file`);
    equal(system.list(directory), []);
    system.makeDirectory(`${directory}/directory`);
    fails("ENOENT", () => system.removeFile(`${directory}/file`));
    fails("EISDIR", () => system.removeFile(`${directory}/directory`));
  },

  "removeDirectory() removes an empty directory alone"(system, { directory }) {
    system.makeDirectory(`${directory}/a`);
    system.makeDirectory(`${directory}/a/b`);
    system.writeFile(`${directory}/file`, "");
    system.makeLink(`${directory}/link`, "a");
    fails("ENOTEMPTY", () => system.removeDirectory(`${directory}/a`));
    fails("ENOTDIR", () => system.removeDirectory(`${directory}/file`));
    fails("ENOTDIR", () => system.removeDirectory(`${directory}/link`));
    fails("ENOENT", () => system.removeDirectory(`${directory}/missing`));
    system.removeDirectory(`${directory}/a/b`);
    system.removeDirectory(`${directory}/a`);
    equal(system.list(directory), ["file", "link"]);
  },

  "removeDirectory() does not remove what something is mounted on"(system, { directory }) {
    system.makeDirectory(`${directory}/mounted`);
    system.mount({ source: "none", target: `${directory}/mounted`, type: "tmpfs" });
    fails("EBUSY", () => system.removeDirectory(`${directory}/mounted`));
    system.unmount(`${directory}/mounted`);
    system.removeDirectory(`${directory}/mounted`);
  },

  "rename() moves a name and replaces what had the new one"(system, { directory }) {
    system.writeFile(`${directory}/old`, "text", 0o600);
    system.writeFile(`${directory}/new`, "before");
    system.rename(`${directory}/old`, `${directory}/new`);
    equal(system.list(directory), ["new"]);
    equal(
      [system.readText(`${directory}/new`), system.status(`${directory}/new`)?.mode],
      ["text", 0o600],
    );
    system.rename(`${directory}/new`, `${directory}/new`);
    system.makeDirectory(`${directory}/full`);
    system.writeFile(`${directory}/full/file`, "");
    system.makeDirectory(`${directory}/empty`);
    system.rename(`${directory}/full`, `${directory}/empty`);
    equal(system.list(`${directory}/empty`), ["file"]);
    system.makeLink(`${directory}/link`, "new");
    system.rename(`${directory}/link`, `${directory}/moved`);
    equal(system.readLink(`${directory}/moved`), "new");
  },

  "rename() says why it cannot"(system, { directory }) {
    for (const name of ["full", "other", "mounted"]) system.makeDirectory(`${directory}/${name}`);
    system.writeFile(`${directory}/full/file`, "");
    system.writeFile(`${directory}/file`, "");
    system.mount({ source: "none", target: `${directory}/mounted`, type: "tmpfs" });
    fails("ENOENT", () => system.rename(`${directory}/missing`, `${directory}/new`));
    fails("ENOENT", () => system.rename(`${directory}/file`, `${directory}/missing/new`));
    fails("ENOTEMPTY", () => system.rename(`${directory}/other`, `${directory}/full`));
    fails("EISDIR", () => system.rename(`${directory}/file`, `${directory}/other`));
    fails("ENOTDIR", () => system.rename(`${directory}/other`, `${directory}/file`));
    fails("EINVAL", () => system.rename(`${directory}/other`, `${directory}/other/below`));
    fails("EXDEV", () => system.rename(`${directory}/file`, `${directory}/mounted/file`));
  },
};
