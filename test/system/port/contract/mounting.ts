// The contract, part 4: mounting what needs no device, and listing mounts.
import type { Mount } from "../../../../src/core/kernel/mount-table.ts";
import type { System } from "../../../../src/system/port/system.ts";
import type { Predicate } from "../contract.ts";
import { equal, fails, ok } from "./expect.ts";

/** Predicates about tmpfs, bind and move mounts, unmounting, and the mount table. */
export const mounting: Record<string, Predicate> = {
  "mount() shows a file system at a directory until unmount()"(system, { directory }) {
    const at = makeDirectories(system, directory, ["at"]);
    system.writeFile(`${directory}/at/under`, "");
    system.mount({ source: "none", target: at, type: "tmpfs" });
    equal(system.list(at), []);
    system.writeFile(`${at}/above`, "");
    system.unmount(at);
    equal(system.list(at), ["under"]);
  },

  "mounts() tells what is mounted where, and how"(system, { directory }) {
    const at = makeDirectories(system, directory, ["at"]);
    system.mount({
      source: "a name",
      target: at,
      type: "tmpfs",
      flags: ["nosuid", "nodev", "noexec", "noatime"],
      data: "size=1m,mode=700",
    });
    const found = mountAt(system, at);
    equal([found.type, found.source, found.root], ["tmpfs", "a name", "/"]);
    for (const option of ["rw", "nosuid", "nodev", "noexec", "noatime"])
      ok(found.options.split(",").includes(option), `"${option}" is missing in ${found.options}`);
    for (const option of ["rw", "size=1024k", "mode=700"])
      ok(
        found.superOptions.split(",").includes(option),
        `"${option}" is missing in ${found.superOptions}`,
      );
    ok(/^\d+:\d+$/.test(found.deviceNumber), `the device is ${found.deviceNumber}`);
    equal(system.status(at)?.mode, 0o700);
  },

  "mounts() lists the mounts in their order"(system, { directory }) {
    const at = makeDirectories(system, directory, ["at", "b", "a"]);
    for (const name of ["b", "a"])
      system.mount({ source: name, target: `${directory}/${name}`, type: "tmpfs" });
    system.mount({ source: "first", target: at, type: "tmpfs" });
    system.mount({ source: "second", target: at, type: "tmpfs" });
    equal(
      mountsBelow(system, directory).map(({ source }) => source),
      ["b", "a", "first", "second"],
    );
  },

  "mounts() gives names as they are"(system, { directory }) {
    for (const name of [
      "with space",
      "tab\there",
      "new\nline",
      "back\\slash",
      "\\040",
      "#hash",
      "caf\udce9",
      "grüße",
    ]) {
      const at = makeDirectories(system, directory, [name]);
      system.mount({ source: name, target: at, type: "tmpfs" });
      equal(mountAt(system, at).source, name);
      system.unmount(mountAt(system, at).target);
      equal(mountsBelow(system, directory), []);
    }
  },

  "mount() says why it cannot"(system, { directory }) {
    const at = makeDirectories(system, directory, ["at"]);
    system.writeFile(`${directory}/file`, "");
    fails("ENOENT", () =>
      system.mount({ source: "none", target: `${directory}/missing`, type: "tmpfs" }),
    );
    fails("ENOTDIR", () =>
      system.mount({ source: "none", target: `${directory}/file`, type: "tmpfs" }),
    );
    fails("ENODEV", () => system.mount({ source: "none", target: at, type: "nosuchfs" }));
    fails("EINVAL", () =>
      system.mount({ source: "none", target: at, type: "tmpfs", data: "nosuchoption" }),
    );
    fails("E2BIG", () =>
      system.mount({ source: "none", target: at, type: "tmpfs", data: "x".repeat(4096) }),
    );
    fails("ENOTBLK", () => system.mount({ source: `${directory}/file`, target: at, type: "ext4" }));
    fails("ENOENT", () =>
      system.mount({ source: `${directory}/missing`, target: at, type: "ext4" }),
    );
    equal(mountsBelow(system, directory), []);
  },

  "mount() shows the last that was mounted at one place"(system, { directory }) {
    const at = makeDirectories(system, directory, ["at"]);
    for (const name of ["one", "two"]) {
      system.mount({ source: "none", target: at, type: "tmpfs" });
      system.writeFile(`${at}/${name}`, "");
    }
    equal(system.list(at), ["two"]);
    system.unmount(at);
    equal(system.list(at), ["one"]);
    system.unmount(at);
    fails("EINVAL", () => system.unmount(at));
  },

  'mount() with "nosymfollow" lets links be seen and not followed'(system, { directory }) {
    const at = makeDirectories(system, directory, ["at"]);
    system.mount({ source: "none", target: at, type: "tmpfs", flags: ["nosymfollow", "nodev"] });
    system.writeFile(`${at}/file`, "text");
    system.makeLink(`${at}/link`, "file");
    equal(system.readLink(`${at}/link`), "file");
    fails("ELOOP", () => system.readText(`${at}/link`));
    const { options = "" } = system.mounts().find(({ target }) => target === at) ?? {};
    equal(["nodev", "nosymfollow"].filter((word) => options.split(",").includes(word)).length, 2);
  },

  'mount() with "ro" refuses every change'(system, { directory }) {
    const at = makeDirectories(system, directory, ["at"]);
    system.mount({ source: "none", target: at, type: "tmpfs" });
    system.writeFile(`${at}/file`, "text");
    system.mount({ source: "none", target: at, flags: ["remount", "ro"] });
    const changes = [
      () => system.writeFile(`${at}/other`, ""),
      () => system.appendFile(`${at}/file`, "x"),
      () => system.createFile(`${at}/new`),
      () => system.writeBytes(`${at}/file`, 0, new Uint8Array(1)),
      () => system.allocate(`${at}/file`, 0, 1),
      () => system.truncate(`${at}/file`, 0),
      () => system.makeDirectory(`${at}/directory`),
      () => system.makeLink(`${at}/link`, "x"),
      () => system.makeNode(`${at}/node`, "character", 0, 0),
      () => system.makeTemporaryDirectory(`${at}/tmp`),
      () => system.removeFile(`${at}/file`),
      () => system.removeDirectory(`${at}/file`),
      () => system.rename(`${at}/file`, `${at}/other`),
      () => system.setMode(`${at}/file`, 0),
      () => system.setOwner(`${at}/file`, 1, 1),
      () => system.setXattr(`${at}/file`, "trusted.a", new Uint8Array(1)),
    ];
    for (const change of changes) fails("EROFS", change);
    equal(system.readText(`${at}/file`), "text");
    system.mount({ source: "none", target: at, flags: ["remount"] });
    system.removeFile(`${at}/file`);
  },

  'mount() with "bind" shows a directory at another place'(system, { directory }) {
    const at = makeDirectories(system, directory, ["at", "there", "there/below"]);
    system.mount({ source: `${directory}/there`, target: at, flags: ["bind"] });
    system.writeFile(`${at}/below/file`, "text");
    equal(system.readText(`${directory}/there/below/file`), "text");
    equal(mountAt(system, at).root, "/there");
    equal(system.status(at)?.device, system.status(directory)?.device);
    fails("ENOENT", () =>
      system.mount({ source: `${directory}/missing`, target: at, flags: ["bind"] }),
    );
  },

  'mount() with "bind" shows a file at another place, but no file at a directory'(
    system,
    { directory },
  ) {
    makeDirectories(system, directory, ["at"]);
    system.writeFile(`${directory}/one`, "one");
    system.writeFile(`${directory}/other`, "other");
    system.mount({ source: `${directory}/one`, target: `${directory}/other`, flags: ["bind"] });
    equal(system.readText(`${directory}/other`), "one");
    system.unmount(`${directory}/other`);
    equal(system.readText(`${directory}/other`), "other");
    fails("ENOTDIR", () =>
      system.mount({ source: `${directory}/one`, target: `${directory}/at`, flags: ["bind"] }),
    );
  },

  'mount() with "remount" and "bind" makes one place read-only and no other'(
    system,
    { directory },
  ) {
    const at = makeDirectories(system, directory, ["at", "there"]);
    system.mount({ source: `${directory}/there`, target: at, flags: ["bind"] });
    system.mount({ source: "none", target: at, flags: ["remount", "bind", "ro"] });
    fails("EROFS", () => system.writeFile(`${at}/file`, ""));
    system.writeFile(`${directory}/there/file`, "text");
    equal(system.readText(`${at}/file`), "text");
    ok(mountAt(system, at).options.split(",").includes("ro"), "the mount does not say ro");
    ok(
      mountAt(system, at).superOptions.split(",").includes("rw"),
      "the file system does not say rw",
    );
  },

  'mount() with "remount" gives the mount the flags that it names, and no others'(
    system,
    { directory },
  ) {
    const at = makeDirectories(system, directory, ["at"]);
    const flags = ["nosuid", "nodev", "noexec"] as const;
    system.mount({ source: "none", target: at, type: "tmpfs", flags });
    system.mount({ source: "none", target: at, flags: ["remount", "nosuid", "nodev"] });
    const words = mountAt(system, at).options.split(",");
    equal(
      flags.filter((flag) => words.includes(flag)),
      ["nosuid", "nodev"],
    );
  },

  'mount() with "bind" takes along what is mounted below only with "rec"'(system, { directory }) {
    const at = makeDirectories(system, directory, ["at", "there", "there/below"]);
    system.mount({ source: "none", target: `${directory}/there/below`, type: "tmpfs" });
    system.writeFile(`${directory}/there/below/file`, "");
    system.mount({ source: `${directory}/there`, target: at, flags: ["bind"] });
    equal(system.list(`${at}/below`), []);
    system.unmount(at);
    system.mount({ source: `${directory}/there`, target: at, flags: ["bind", "rec"] });
    equal(system.list(`${at}/below`), ["file"]);
    equal(
      mountsBelow(system, at).map(({ target }) => target),
      [at, `${at}/below`],
    );
  },

  'mount() with "move" takes a mount and all below to another place'(system, { directory }) {
    const at = makeDirectories(system, directory, ["at", "there"]);
    system.mount({ source: "moved", target: `${directory}/there`, type: "tmpfs" });
    makeDirectories(system, `${directory}/there`, ["below"]);
    system.mount({ source: "below", target: `${directory}/there/below`, type: "tmpfs" });
    system.mount({ source: `${directory}/there`, target: at, flags: ["move"] });
    equal(system.list(`${directory}/there`), []);
    equal(system.list(at), ["below"]);
    equal(
      mountsBelow(system, directory).map(({ target }) => target),
      [at, `${at}/below`],
    );
    fails("EINVAL", () =>
      system.mount({ source: `${directory}/there`, target: at, flags: ["move"] }),
    );
    fails("ELOOP", () => system.mount({ source: at, target: `${at}/below`, flags: ["move"] }));
  },

  "mount() takes the flags of propagation alone"(system, { directory }) {
    const at = makeDirectories(system, directory, ["at"]);
    fails("EINVAL", () => system.mount({ source: "none", target: at, flags: ["private"] }));
    system.mount({ source: "none", target: at, type: "tmpfs" });
    system.mount({ source: "none", target: at, flags: ["private"] });
    system.mount({ source: "none", target: at, flags: ["slave", "rec"] });
  },

  "unmount() says why it cannot"(system, { directory }) {
    const at = makeDirectories(system, directory, ["at", "plain"]);
    system.mount({ source: "none", target: at, type: "tmpfs" });
    makeDirectories(system, at, ["below"]);
    system.mount({ source: "none", target: `${at}/below`, type: "tmpfs" });
    fails("EBUSY", () => system.unmount(at));
    fails("ENOENT", () => system.unmount(`${directory}/missing`));
    fails("EINVAL", () => system.unmount(`${directory}/plain`));
    system.unmount(`${at}/below`);
    system.unmount(at);
    fails("EINVAL", () => system.unmount(at));
  },

  'unmount() "lazy" takes a mount away with all that is below'(system, { directory }) {
    const at = makeDirectories(system, directory, ["at"]);
    system.mount({ source: "none", target: at, type: "tmpfs" });
    makeDirectories(system, at, ["below"]);
    system.mount({ source: "none", target: `${at}/below`, type: "tmpfs" });
    system.unmount(at, "lazy");
    equal(mountsBelow(system, directory), []);
    equal(system.list(at), []);
  },

  "cloneMounts() keeps what was mounted, and attachMounts() shows it elsewhere"(
    system,
    { directory },
  ) {
    const at = makeDirectories(system, directory, ["at", "there"]);
    system.mount({ source: "top", target: at, type: "tmpfs" });
    makeDirectories(system, at, ["below", "plain"]);
    system.mount({ source: "below", target: `${at}/below`, type: "tmpfs" });
    system.writeFile(`${at}/below/file`, "text");
    const clone = system.cloneMounts(at);
    equal(mountsBelow(system, directory).length, 2);
    system.unmount(at, "lazy");
    equal(mountsBelow(system, directory), []);
    system.attachMounts(clone.path, `${directory}/there`);
    clone.close();
    equal(
      mountsBelow(system, directory).map(({ target, source }) => [target, source]),
      [
        [`${directory}/there`, "top"],
        [`${directory}/there/below`, "below"],
      ],
    );
    equal(system.list(`${directory}/there`), ["below", "plain"]);
    equal(system.readText(`${directory}/there/below/file`), "text");
    system.unmount(`${directory}/there/below`);
    system.unmount(`${directory}/there`);
  },

  "cloneMounts() is gone when it is closed"(system, { directory }) {
    const at = makeDirectories(system, directory, ["at"]);
    system.mount({ source: "none", target: at, type: "tmpfs" });
    const clone = system.cloneMounts(at);
    clone.close();
    fails("ENOENT", () => system.attachMounts(clone.path, at));
    equal(mountsBelow(system, directory).length, 1);
    system.unmount(at);
  },

  "cloneMounts() takes a directory as well, and shows changes of the other"(system, { directory }) {
    const at = makeDirectories(system, directory, ["at", "there"]);
    const clone = system.cloneMounts(`${directory}/there`);
    system.attachMounts(clone.path, at);
    clone.close();
    system.writeFile(`${directory}/there/file`, "text");
    equal(system.readText(`${at}/file`), "text");
    equal(mountAt(system, at).root, "/there");
  },

  "cloneMounts() and attachMounts() say why they cannot"(system, { directory }) {
    const at = makeDirectories(system, directory, ["at"]);
    system.writeFile(`${directory}/file`, "");
    fails("ENOENT", () => system.cloneMounts(`${directory}/missing`));
    const clone = system.cloneMounts(at);
    fails("ENOENT", () => system.attachMounts(clone.path, `${directory}/missing`));
    fails("EINVAL", () => system.attachMounts(clone.path, `${directory}/file`));
    fails("ENOENT", () => system.attachMounts(`${directory}/missing`, at));
    clone.close();
  },

  "isolateMounts() gives mounts of its own"(system, { directory }) {
    const before = system.readLink("/proc/self/ns/mnt");
    const at = makeDirectories(system, directory, ["at"]);
    system.isolateMounts();
    ok(system.readLink("/proc/self/ns/mnt") !== before, "the mount name space is still the same");
    system.mount({ source: "none", target: at, type: "tmpfs" });
    equal(mountsBelow(system, at).length, 1);
  },
};

function makeDirectories(system: System, directory: string, names: readonly string[]): string {
  for (const name of names) system.makeDirectory(`${directory}/${name}`);
  return `${directory}/${names[0]}`;
}

function mountAt(system: System, target: string): Mount {
  const found = system.mounts().find((mount) => mount.target === target);
  if (!found) throw new Error(`nothing is mounted at "${target}"`);
  return found;
}

function mountsBelow(system: System, directory: string): Mount[] {
  return system
    .mounts()
    .filter(
      ({ target }) =>
        target.startsWith(`${directory}/`) ||
        (target === directory && !/contract-[^/]*$/.test(directory)),
    );
}
