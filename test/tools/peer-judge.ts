// Judges what "backstore import" makes of a disk that another live system has kept its changes on: over
// its base it is what the session has said, and the same tree as the disk's own. Run in a mount name
// space of its own: peer-judge PROGRAM DIRECTORY BASE PATH UPPER DIRECTORIES
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { callTool, others, requireSame } from "./judged-store.ts";
import { type MergedTree, readTree } from "./merged-tree.ts";

const [, , program = "", directory = "", base = "", path = "", upper = "", told = ""] =
  process.argv;

const at = `${directory}/judged`;
mkdirSync(at, { recursive: true });
callTool(["mount", "-t", "tmpfs", "judged", at]);
for (const name of ["base", "disk", "made", "root"]) mkdirSync(`${at}/${name}`);
callTool(["mount", "-o", "loop,ro", base, `${at}/base`]);
const store = `${directory}/store.img`;
// The disk as the session has left it: its journal is not replayed yet.
const old = path === "" ? store : `${at}/disk/${path}`;
if (path !== "") callTool(["mount", "-o", "loop", store, `${at}/disk`]);
callTool(["truncate", "--size", "64M", `${at}/made.img`]);
callTool(["mkfs.ext4", "-q", `${at}/made.img`]);
callTool([program, "import", "--quiet", old, `${at}/made.img`]);
if (path === "") callTool(["mount", "-o", "loop", store, `${at}/disk`]);
const within = [program, "run", "--readonly", "--base", base, "--store", `${at}/made.img`, "--"];
const is = callTool([...within, "/bin/list-tree", "/", ...told.split(" ")]);
if (is !== readFileSync(`${directory}/said.txt`, "utf8")) {
  writeFileSync(`${directory}/is.txt`, is);
  throw new Error(`the session has said another tree: diff ${directory}/said.txt is.txt`);
}
callTool(["mount", "-o", "loop", `${at}/made.img`, `${at}/made`]);
const [own, made] = [`${at}/disk/${upper}`, `${at}/made/upperdir`].map(readOnBase);
if (own === undefined || made === undefined) throw new Error("there are two trees");
requireSame({ said: own, is: made }, () => "the disk's own upper directory");
callTool(["umount", "--recursive", at]);

function readOnBase(upper: string): MergedTree {
  const layers = `lowerdir=${upper}:${at}/base`;
  callTool(["mount", "-t", "overlay", "-o", `${layers},${others}`, "overlay", `${at}/root`]);
  const tree = readTree(`${at}/root`);
  callTool(["umount", `${at}/root`]);
  return tree;
}
