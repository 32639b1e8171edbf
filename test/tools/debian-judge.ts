// Judges what is done with a store in which packages of Debian were installed and removed: over their
// base its changes are the same tree after each, links and attributes included. Run in a mount name
// space of its own: debian-judge PROGRAM DIRECTORY BASE PACKAGES; it prints what became of the packages.
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { callTool, ours, requireSame } from "./judged-store.ts";
import { type MergedTree, readTree, type TreeEntry } from "./merged-tree.ts";
import { parseTold, revertTree } from "./reverted-tree.ts";

const [, , program = "", directory = "", given = "", packages = ""] = process.argv;

/** Where a session has its store, and where it sees its layers. */
const [place, at] = ["/run/initramfs/backstore/store", "/mnt"];
const base = `${at}/base`;
const store = `${at}/disk/store`;

callTool(["mount", "-t", "tmpfs", "run", "/run"]);
callTool(["mount", "-t", "tmpfs", "layers", at]);
for (const name of ["base", "disk", "root", "memory", "module"]) mkdirSync(`${at}/${name}`);
callTool(["mount", "--bind", given, base]);
callTool(["truncate", "--size", "700M", `${directory}/disk`]);
callTool(["mkfs.ext4", "-q", "-O", "^has_journal", `${directory}/disk`]);
callTool(["mount", "-o", "loop", `${directory}/disk`, `${at}/disk`]);
for (const name of ["upperdir", "workdir"]) mkdirSync(`${store}/${name}`, { recursive: true });

const baseTree = readTree(base);
const merged = onOverlay({ lower: [base], store }, (root) => {
  changePackages(root);
  return readAll(root);
});
process.stdout.write(callTool([program, "changes", store, "--base", base, "--packages"]));

judgeExports();
judgeImport();
judgeAdopted();
judgeChanged();
callTool(["umount", "--recursive", at]);

/** A tree, and which of its names are one file. */
interface WholeTree {
  readonly tree: MergedTree;
  readonly links: string;
}

function changePackages(root: string): void {
  mkdirSync(`${root}/packages`);
  for (const [name, from] of [
    ["packages", packages],
    ["proc", "/proc"],
    ["dev", "/dev"],
  ])
    callTool(["mount", "--rbind", from ?? "", `${root}/${name}`]);
  const script = `export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
    dpkg --install /packages/*.deb; dpkg --purge fish fish-common man-db bash-completion
    setcap cap_net_raw+ep /usr/bin/hello; ln /usr/bin/hello /usr/local/bin/hello; echo somebody:x:1000:1000::/home/somebody:/bin/sh >> /etc/passwd
    : >> /usr/bin/perl; chmod 700 /usr/share/zsh; rm -r /usr/share/perl; mkdir /usr/share/perl; echo new > /usr/share/perl/new`;
  callTool(["chroot", root, "sh", "-euc", script]);
  for (const name of ["packages", "proc", "dev"])
    callTool(["umount", "--recursive", "--lazy", `${root}/${name}`]);
  rmSync(`${root}/packages`, { recursive: true });
}

/** What is carried to "to" is the same over the base. */
function judgeExports(): void {
  const to = `${at}/disk/to`;
  const carry = (name: string, ...more: (readonly string[])[]) => {
    for (const words of more) callTool([program, ...words, "--quiet"]);
    mkdirSync(`${to}/workdir`, { recursive: true });
    requireWhole(name, onOverlay({ lower: [base], store: to }, readAll));
    rmSync(to, { recursive: true });
  };
  const file = `${at}/disk/exported`;
  carry("copy", ["copy", store, to]);
  for (const format of ["oci", "tar"]) {
    carry(format, ["export", "--format", format, store, file], ["import", file, to]);
    rmSync(file, { recursive: true });
  }
  callTool([program, "export", "--format", "squashfs", store, file, "--quiet"]);
  callTool(["mount", "-o", "loop", file, `${at}/module`]);
  // Its times are seconds.
  const shown = onOverlay({ lower: [`${at}/module`, base] }, readAll);
  requireWhole("squashfs", inSeconds(shown), inSeconds(merged));
  callTool(["umount", `${at}/module`]);
  rmSync(file);
}

function judgeImport(): void {
  const [old, to] = [`${at}/disk/old`, `${at}/disk/to`];
  mkdirSync(old);
  renameSync(`${store}/upperdir`, `${old}/rw`);
  writeFileSync(`${old}/persistence.conf`, "/ union\n");
  callTool([program, "import", old, to, "--quiet"]);
  mkdirSync(`${to}/workdir`);
  requireWhole("import", onOverlay({ lower: [base], store: to }, readAll));
  rmSync(to, { recursive: true });
  renameSync(`${old}/rw`, `${store}/upperdir`);
}

/** A session in memory over the store, in which one more package was removed. */
function judgeAdopted(): void {
  const memory = `${at}/memory`;
  const kept = `${at}/disk/kept`;
  mkdirSync(place, { recursive: true });
  callTool(["mount", "--bind", store, place]);
  callTool(["cp", program, `${at}/disk/backstore`]);
  for (const name of ["upperdir", "workdir"]) mkdirSync(`${memory}/${name}`);
  const session = onOverlay({ lower: [`${place}/upperdir`, base], store: memory }, (root) => {
    callTool(["chroot", root, "dpkg", "--purge", "hello"]);
    const whole = readAll(root);
    const shown = ["/proc", "/sys", "/dev", "/mnt", "/run"];
    for (const name of shown) callTool(["mount", "--rbind", name, `${root}${name}`]);
    callTool(["chroot", root, `${at}/disk/backstore`, "adopt", kept, "--quiet"]);
    for (const name of shown) callTool(["umount", "--recursive", "--lazy", `${root}${name}`]);
    return whole;
  });
  mkdirSync(`${kept}/workdir`);
  requireWhole("adopt", onOverlay({ lower: [base], store: kept }, readAll), session);
  callTool(["umount", place]);
  rmSync(kept, { recursive: true });
}

/** The store itself is changed last. */
function judgeChanged(): void {
  const call = (...words: readonly string[]) =>
    callTool([program, ...words, "--base", base, "--json"]);
  const reclaimed = JSON.parse(call("reclaim", store, "--yes"));
  const copies = reclaimed.reclaims.find(({ kind }: { kind: string }) => kind === "copies");
  if (!(copies?.paths > 0)) throw new Error(`nothing was reclaimed: ${JSON.stringify(reclaimed)}`);
  // Without a copy of it, a file of the base has all its names again.
  const reclaimedTree = onOverlay({ lower: [base], store }, readTree);
  requireSame({ said: merged.tree, is: reclaimedTree }, () => "reclaim");
  for (const paths of [["/usr/share/perl", "/etc"], ["/usr/share/man"], ["/"]]) {
    const before = onOverlay({ lower: [base], store }, readTree);
    const told = parseTold(call("changes", store));
    const { reverts } = JSON.parse(call("revert", ...paths, "--store", store, "--yes"));
    const after = onOverlay({ lower: [base], store }, readTree);
    const said = revertTree({ base: baseTree, merged: before }, told, reverts);
    requireSame({ said, is: after }, () => `revert ${paths.join(" ")}`);
    if (paths[0] === "/") requireSame({ said: baseTree, is: after }, () => "the revert of all");
  }
}

function requireWhole(name: string, is: WholeTree, said = merged): void {
  requireSame({ said: said.tree, is: is.tree }, () => name);
  if (said.links !== is.links) throw new Error(`${name}: links\n${said.links}are\n${is.links}`);
}

function inSeconds({ tree, links }: WholeTree): WholeTree {
  const round = (entry: TreeEntry) => ({
    ...entry,
    modified: `${BigInt(entry.modified) / 1_000_000_000n}`,
  });
  return { links, tree: new Map([...tree].map(([path, entry]) => [path, round(entry)])) };
}

function readAll(root: string): WholeTree {
  const lines = callTool(["find", root, "-type", "f", "-links", "+1", "-printf", "%D:%i /%P\n"]);
  const names = new Map<string, string[]>();
  for (const line of lines.split("\n").filter((one) => one !== "")) {
    const [inode = "", path = ""] = line.split(/ (.*)/);
    names.set(inode, [...(names.get(inode) ?? []), path]);
  }
  const groups = [...names.values()].filter(({ length }) => length > 1);
  return {
    tree: readTree(root),
    links: `${groups
      .map((one) => one.sort().join(" "))
      .sort()
      .join("\n")}\n`,
  };
}

function onOverlay<T>(
  { lower, store: own }: { lower: readonly string[]; store?: string },
  use: (root: string) => T,
): T {
  const root = `${at}/root`;
  const upper = own === undefined ? [] : [`upperdir=${own}/upperdir`, `workdir=${own}/workdir`];
  const data = [`lowerdir=${lower.join(":")}`, ...upper, ours];
  callTool(["mount", "-t", "overlay", "-o", data.join(","), "overlay", root]);
  try {
    return use(root);
  } finally {
    callTool(["umount", "--recursive", root]);
  }
}
