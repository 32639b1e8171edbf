// The contract, part 6: overlayfs, on which the product stands
// (Documentation/filesystems/overlayfs.rst).
import type { System } from "../../../../src/system/port/system.ts";
import type { Predicate } from "../contract.ts";
import { bytes, equal, fails, ok, replaceFile } from "./expect.ts";

const settings = "index=off,metacopy=off,xino=off,redirect_dir=nofollow";

/** Predicates about merged views. */
export const overlay: Record<string, Predicate> = {
  "overlay shows both layers and puts changes into the upper one"(system, { directory }) {
    const merged = makeOverlay(system, directory);
    equal(system.list(merged), ["changed", "kept"]);
    equal(system.list(`${merged}/kept`), ["one", "two"]);
    replaceFile(system, `${merged}/changed`, "new");
    system.writeFile(`${merged}/kept/three`, "3");
    system.appendFile(`${merged}/kept/one`, "+");
    equal(
      [system.readText(`${merged}/changed`), system.readText(`${merged}/kept/one`)],
      ["new", "1+"],
    );
    equal(
      [
        system.readText(`${directory}/lower/changed`),
        system.readText(`${directory}/lower/kept/one`),
      ],
      ["old", "1"],
    );
    equal(system.list(`${directory}/upper`), ["changed", "kept"]);
    equal(system.list(`${directory}/upper/kept`), ["one", "three"]);
  },

  "overlay keeps what is removed as a whiteout, a character device 0/0"(system, { directory }) {
    const merged = makeOverlay(system, directory);
    system.removeFile(`${merged}/changed`);
    system.removeFile(`${merged}/kept/one`);
    equal(system.list(merged), ["kept"]);
    equal(system.status(`${merged}/changed`), undefined);
    for (const path of ["changed", "kept/one"]) {
      const { kind, deviceNumber } = system.linkStatus(`${directory}/upper/${path}`) ?? {};
      equal([kind, deviceNumber], ["character", 0]);
    }
    system.removeFile(`${merged}/kept/two`);
    system.removeDirectory(`${merged}/kept`);
    equal(system.list(merged), []);
    equal(system.linkStatus(`${directory}/upper/kept`)?.kind, "character");
  },

  "overlay comes up read-only where there is no room for what its work directory needs"(
    system,
    fixtures,
  ) {
    const at = `${fixtures.directory}/at`;
    system.makeDirectory(at);
    system.withLoop({ file: fixtures.image("ext4"), readonly: false }, (source) =>
      system.mount({ source, target: at, type: "ext4" }),
    );
    for (const name of ["lower", "upper", "work", "merged"]) system.makeDirectory(`${at}/${name}`);
    system.createFile(`${at}/fill`);
    fails("ENOSPC", () => system.allocate(`${at}/fill`, 0, 64 << 20));
    const merged = mountOverlay(system, at);
    equal([system.room(at).readonly, system.room(merged).readonly], [false, true]);
    fails("EROFS", () => system.makeDirectory(`${merged}/new`));
    system.unmount(merged);
    system.removeFile(`${at}/fill`);
    equal(system.room(mountOverlay(system, at)).readonly, false);
  },

  "overlay leaves nothing behind of what was never below"(system, { directory }) {
    const merged = makeOverlay(system, directory);
    system.writeFile(`${merged}/new`, "");
    system.removeFile(`${merged}/new`);
    equal(system.list(`${directory}/upper`), []);
  },

  "overlay shows what is made again where something was removed"(system, { directory }) {
    const merged = makeOverlay(system, directory);
    for (const name of ["one", "two"]) system.removeFile(`${merged}/kept/${name}`);
    fails("ENOENT", () => system.removeFile(`${merged}/kept/one`));
    system.removeDirectory(`${merged}/kept`);
    system.makeDirectory(`${merged}/kept`);
    equal(system.list(`${merged}/kept`), []);
    equal(system.getXattr(`${directory}/upper/kept`, "trusted.overlay.opaque"), bytes(0x79));
    system.removeFile(`${merged}/changed`);
    system.writeFile(`${merged}/changed`, "again");
    equal(system.linkStatus(`${directory}/upper/changed`)?.kind, "file");
    equal(system.readText(`${merged}/changed`), "again");
  },

  "overlay does not remove a directory in which something is left"(system, { directory }) {
    const merged = makeOverlay(system, directory);
    fails("ENOTEMPTY", () => system.removeDirectory(`${merged}/kept`));
    fails("EISDIR", () => system.removeFile(`${merged}/kept`));
  },

  "overlay obeys whiteouts and opaque directories that lie in the upper layer already"(
    system,
    { directory },
  ) {
    const merged = makeOverlay(system, directory, (upper) => {
      system.makeNode(`${upper}/changed`, "character", 0, 0);
      system.makeDirectory(`${upper}/kept`);
      system.setXattr(`${upper}/kept`, "trusted.overlay.opaque", bytes(0x79));
      system.writeFile(`${upper}/kept/mine`, "");
    });
    equal(system.list(merged), ["kept"]);
    equal(system.list(`${merged}/kept`), ["mine"]);
    equal(system.listXattrs(`${merged}/kept`), []);
  },

  "overlay changes modes, owners and attributes in the upper layer"(system, { directory }) {
    const merged = makeOverlay(system, directory);
    system.setMode(`${merged}/kept`, 0o711);
    system.setOwner(`${merged}/changed`, 7, 8);
    system.setXattr(`${merged}/changed`, "trusted.a", bytes(1));
    equal(
      [system.status(`${merged}/kept`)?.mode, system.status(`${directory}/lower/kept`)?.mode],
      [0o711, 0o755],
    );
    equal(
      [system.status(`${merged}/changed`)?.uid, system.status(`${directory}/upper/changed`)?.gid],
      [7, 8],
    );
    equal(system.getXattr(`${directory}/upper/changed`, "trusted.a"), bytes(1));
    equal(system.listXattrs(`${directory}/lower/changed`), []);
    equal(system.readText(`${directory}/upper/changed`), "old");
    equal(system.list(`${merged}/kept`), ["one", "two"]);
  },

  "overlay renames files, but no directory of the lower layer"(system, { directory }) {
    const merged = makeOverlay(system, directory);
    system.rename(`${merged}/changed`, `${merged}/moved`);
    equal([system.list(merged), system.readText(`${merged}/moved`)], [["kept", "moved"], "old"]);
    equal(system.linkStatus(`${directory}/upper/changed`)?.kind, "character");
    fails("EXDEV", () => system.rename(`${merged}/kept`, `${merged}/elsewhere`));
    system.makeDirectory(`${merged}/new`);
    system.rename(`${merged}/new`, `${merged}/newer`);
    equal(system.list(merged), ["kept", "moved", "newer"]);
  },

  "overlay shows the first of several lower layers on top, and takes no change without an upper one"(
    system,
    { directory },
  ) {
    for (const name of ["top", "bottom", "merged"]) system.makeDirectory(`${directory}/${name}`);
    for (const name of ["top", "bottom"]) system.writeFile(`${directory}/${name}/both`, name);
    system.writeFile(`${directory}/bottom/below`, "");
    system.makeNode(`${directory}/top/hidden`, "character", 0, 0);
    system.writeFile(`${directory}/bottom/hidden`, "");
    const data = `lowerdir=${directory}/top:${directory}/bottom`;
    system.mount({
      source: "none",
      target: `${directory}/merged`,
      type: "overlay",
      flags: ["ro"],
      data,
    });
    equal(system.list(`${directory}/merged`), ["below", "both"]);
    equal(system.readText(`${directory}/merged/both`), "top");
    fails("EROFS", () => system.writeFile(`${directory}/merged/new`, ""));
  },

  "overlay takes names of layers with a backslash before colon, comma and backslash"(
    system,
    { directory },
  ) {
    for (const name of ["a:b,c\\d", "upper", "work", "merged"])
      system.makeDirectory(`${directory}/${name}`);
    system.writeFile(`${directory}/a:b,c\\d/file`, "text");
    const data = `lowerdir=${directory}/a\\:b\\,c\\\\d,upperdir=${directory}/upper,workdir=${directory}/work`;
    system.mount({ source: "none", target: `${directory}/merged`, type: "overlay", data });
    equal(system.readText(`${directory}/merged/file`), "text");
  },

  "overlay can be opened again with what it kept"(system, { directory }) {
    const merged = makeOverlay(system, directory);
    system.writeFile(`${merged}/new`, "text");
    system.removeFile(`${merged}/changed`);
    system.unmount(merged);
    equal(system.list(merged), []);
    mountOverlay(system, directory);
    equal(system.list(merged), ["kept", "new"]);
  },

  "overlay keeps its layers when the mounts they were named by are gone"(system, { directory }) {
    for (const name of ["layers", "merged"]) system.makeDirectory(`${directory}/${name}`);
    system.mount({ source: "none", target: `${directory}/layers`, type: "tmpfs" });
    for (const name of ["lower", "upper", "work"])
      system.makeDirectory(`${directory}/layers/${name}`);
    system.writeFile(`${directory}/layers/lower/file`, "text");
    const [lower, upper, work] = ["lower", "upper", "work"].map(
      (name) => `${name}dir=${directory}/layers/${name}`,
    );
    system.mount({
      source: "none",
      target: `${directory}/merged`,
      type: "overlay",
      data: `${lower},${upper},${work}`,
    });
    system.unmount(`${directory}/layers`);
    equal(system.list(`${directory}/layers`), []);
    system.appendFile(`${directory}/merged/file`, "+");
    equal(system.readText(`${directory}/merged/file`), "text+");
  },

  "overlay says why it cannot be mounted"(system, { directory }) {
    for (const name of ["lower", "upper", "work", "merged", "other"])
      system.makeDirectory(`${directory}/${name}`);
    system.mount({ source: "none", target: `${directory}/other`, type: "tmpfs" });
    system.makeDirectory(`${directory}/other/work`);
    const attempt = (data: string) => () =>
      system.mount({ source: "none", target: `${directory}/merged`, type: "overlay", data });
    const [lower, upper, work] = ["lower", "upper", "work"].map(
      (name) => `${name}dir=${directory}/${name}`,
    );
    fails("EINVAL", attempt(""));
    fails("EINVAL", attempt(`${upper},${work}`));
    fails("ENOENT", attempt(`${lower}x,${upper},${work}`));
    fails("ENOENT", attempt(`${lower},${upper}x,${work}`));
    fails("ENOENT", attempt(`${lower},${upper},${work}x`));
    fails("EINVAL", attempt(`${lower},${upper}`));
    fails("EINVAL", attempt(`${lower},${upper},workdir=${directory}/other/work`));
    fails("EINVAL", attempt(`${lower},${upper},${work},nosuchoption=1`));
    system.mount({ source: "none", target: `${directory}/other`, flags: ["remount", "ro"] });
    fails(
      "EINVAL",
      attempt(`${lower},upperdir=${directory}/other,workdir=${directory}/other/work`),
    );
    attempt(`${lower},${upper},${work},${settings}`)();
  },

  "overlay on a squashfs image keeps changes on an ext4 image"(system, fixtures) {
    const { directory } = fixtures;
    for (const name of ["base", "store", "merged"]) system.makeDirectory(`${directory}/${name}`);
    const base = fixtures.image("squashfs");
    const store = fixtures.image("ext4");
    for (const round of [1, 2]) {
      system.withLoop({ file: base, readonly: true }, (source) =>
        system.mount({ source, target: `${directory}/base`, type: "squashfs", flags: ["ro"] }),
      );
      system.withLoop({ file: store, readonly: false }, (source) =>
        system.mount({ source, target: `${directory}/store`, type: "ext4" }),
      );
      for (const name of ["upperdir", "workdir"])
        if (round === 1) system.makeDirectory(`${directory}/store/${name}`);
      const data = `lowerdir=${directory}/base,upperdir=${directory}/store/upperdir,workdir=${directory}/store/workdir,${settings}`;
      system.mount({ source: "backstore", target: `${directory}/merged`, type: "overlay", data });
      if (round === 1) {
        system.appendFile(`${directory}/merged/etc/greeting`, "world\n");
        system.removeFile(`${directory}/merged/bin/tool`);
      }
      equal(system.readText(`${directory}/merged/etc/greeting`), "hello\nworld\n");
      equal(system.list(`${directory}/merged/bin`), []);
      for (const name of ["merged", "store", "base"]) system.unmount(`${directory}/${name}`);
    }
  },

  "mount() of an overlay makes the directory in the work directory anew"(system, { directory }) {
    const merged = makeOverlay(system, directory);
    const born = () => formatTime(system.times(`${directory}/work/work`)?.born);
    const changed = () => formatTime(system.times(`${directory}/work`)?.modified);
    const first = [born(), changed()];
    system.writeFile(`${merged}/made`, "");
    system.removeFile(`${merged}/kept/one`);
    system.unmount(merged);
    equal([born(), changed()], first);
    for (let attempt = 0; attempt < 10_000 && born() === first[0]; attempt++) {
      mountOverlay(system, directory);
      system.unmount(merged);
    }
    ok(born() !== first[0] && changed() !== first[1], "it is the same directory");
  },
};

function makeOverlay(system: System, directory: string, prepare?: (upper: string) => void): string {
  for (const name of ["lower", "lower/kept", "upper", "work", "merged"])
    system.makeDirectory(`${directory}/${name}`);
  system.writeFile(`${directory}/lower/changed`, "old");
  system.writeFile(`${directory}/lower/kept/one`, "1");
  system.writeFile(`${directory}/lower/kept/two`, "2");
  prepare?.(`${directory}/upper`);
  return mountOverlay(system, directory);
}

function mountOverlay(system: System, directory: string): string {
  const data = `lowerdir=${directory}/lower,upperdir=${directory}/upper,workdir=${directory}/work,${settings}`;
  system.mount({ source: "backstore", target: `${directory}/merged`, type: "overlay", data });
  return `${directory}/merged`;
}

function formatTime(time: { seconds: number; nanoseconds: number } | undefined): string {
  return `${time?.seconds}.${time?.nanoseconds}`;
}
