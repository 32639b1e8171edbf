// The contract: what is opened stays what it is, whatever becomes of its name.
import type { Predicate } from "../contract.ts";
import { bytes, equal, fails, ok } from "./expect.ts";

/** Predicates about files and directories that are opened once. */
export const descriptors: Record<string, Predicate> = {
  "openFile() leads to the file also when its name leads elsewhere"(system, { directory }) {
    system.writeFile(`${directory}/file`, "text");
    system.writeFile(`${directory}/victim`, "victim");
    const file = system.openFile(`${directory}/file`);
    system.rename(`${directory}/file`, `${directory}/moved`);
    system.makeLink(`${directory}/file`, "victim");
    system.writeBytes(file.path, 0, bytes(0x54));
    system.truncate(file.path, 3);
    system.setMode(file.path, 0o600);
    system.setOwner(file.path, 12, 34);
    system.sync(file.path);
    equal(system.readText(`${directory}/moved`), "Tex");
    equal(system.readText(file.path), "Tex");
    equal(system.status(file.path), system.status(`${directory}/moved`));
    const { mode, uid, gid } = system.status(file.path) ?? {};
    equal([mode, uid, gid], [0o600, 12, 34]);
    equal(system.readText(`${directory}/victim`), "victim");
    equal(system.resolve(file.path), `${directory}/moved`);
    equal(
      system.withLock(file.path, () => 1),
      1,
    );
    file.close();
    equal(system.status(file.path), undefined);
  },

  "openFile() opens an ordinary file alone"(system, fixtures) {
    const { directory } = fixtures;
    const fifo = fixtures.fifo();
    system.writeFile(`${directory}/file`, "");
    system.makeLink(`${directory}/link`, "file");
    system.makeNode(`${directory}/null`, "character", 0o666, 0x103);
    fails("ELOOP", () => system.openFile(`${directory}/link`));
    fails("EISDIR", () => system.openFile(directory));
    fails("EINVAL", () => system.openFile(fifo));
    fails("EINVAL", () => system.openFile(`${directory}/null`));
    fails("ENOENT", () => system.openFile(`${directory}/missing`));
  },

  "no link is followed on the way to what is opened"(system, { directory }) {
    system.makeDirectory(`${directory}/real`);
    system.makeDirectory(`${directory}/real/below`);
    system.writeFile(`${directory}/real/below/file`, "");
    system.makeLink(`${directory}/link`, "real");
    system.makeLink(`${directory}/real/up`, directory);
    for (const path of ["link", "link/below", "real/up/real"])
      fails("ELOOP", () => system.openDirectory(`${directory}/${path}`));
    fails("ELOOP", () => system.openFile(`${directory}/link/below/file`));
    fails("ENOTDIR", () => system.openDirectory(`${directory}/real/below/file`));
    fails("ENOENT", () => system.openDirectory(`${directory}/missing`));
    system.openDirectory(`${directory}//real/./below/`).close();
  },

  "openDirectory() leads to its names also when its own is another's"(system, { directory }) {
    system.makeDirectory(`${directory}/mine`);
    system.makeDirectory(`${directory}/yours`);
    const opened = system.openDirectory(`${directory}/mine`);
    system.rename(`${directory}/mine`, `${directory}/away`);
    system.makeLink(`${directory}/mine`, "yours");
    system.writeFile(`${opened.path}/file`, "text");
    system.rename(`${opened.path}/file`, `${opened.path}/named`);
    system.makeDirectory(`${opened.path}/below`);
    const below = system.openDirectory(`${opened.path}/below`);
    equal(system.list(below.path), []);
    equal(system.list(`${directory}/away`), ["below", "named"]);
    equal(system.list(opened.path), ["below", "named"]);
    equal(system.list(`${directory}/yours`), []);
    system.sync(opened.path);
    system.removeFile(`${opened.path}/named`);
    system.removeDirectory(`${opened.path}/below`);
    equal(system.list(`${directory}/away`), []);
    below.close();
    opened.close();
  },

  "createOpen() makes a file where nothing is, and opens it"(system, { directory }) {
    const made = system.createOpen(`${directory}/file`, 0o600);
    equal(system.status(made.path), system.linkStatus(`${directory}/file`));
    equal(system.status(made.path)?.mode, 0o600);
    system.rename(`${directory}/file`, `${directory}/other`);
    system.writeBytes(made.path, 0, bytes(0x61));
    equal(system.readText(`${directory}/other`), "a");
    system.makeLink(`${directory}/link`, "nowhere");
    fails("EEXIST", () => system.createOpen(`${directory}/link`));
    fails("EEXIST", () => system.createOpen(`${directory}/other`));
    ok(system.status(`${directory}/nowhere`) === undefined, "a link was followed");
    made.close();
  },
};
