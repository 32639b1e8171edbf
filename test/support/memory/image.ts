// File systems on devices and in image files, as a test writes them down.
import { type Content, type Piece, sparseContent } from "./content.ts";
import { directory, type Tree } from "./entry.ts";
import { TreeFileSystem } from "./tree.ts";

/** Says what lies on a device. */
export interface ImageRequest {
  /** The kernel's name of the type: "ext4", "squashfs" … */
  readonly type: string;
  readonly tree?: Tree;
  /** What is there instead once its journal was replayed, where that waits. */
  readonly logged?: Tree;
  /** The size of the device; 64 MiB if left out. */
  readonly bytes?: number;
  /** What of its room is root's alone; nothing if left out. */
  readonly reservedBytes?: number;
  /** What can be read of it, for what reads superblocks; what mkfs makes, without the rest. */
  readonly pieces?: readonly Piece[];
}

/** Makes the content of a device or file with one file system in it. */
export function image({
  type,
  tree = {},
  logged,
  bytes = 64 << 20,
  reservedBytes = 0,
  pieces = magics[type] ?? [],
}: ImageRequest): Content {
  const fileSystem = new TreeFileSystem(type, {
    root: directory(tree),
    totalBytes: bytes,
    reservedBytes,
    logged: logged && directory(logged),
  });
  return sparseContent(bytes, pieces, new Map([[0, { type, fileSystem }]]));
}

/** Only what tells types apart; whoever reads more gives the bytes of a real superblock. */
const magics: Readonly<Record<string, readonly Piece[]>> = {
  ext4: [{ offset: 1080, bytes: Uint8Array.of(0x53, 0xef) }],
  squashfs: [{ offset: 0, bytes: Uint8Array.of(0x68, 0x73, 0x71, 0x73) }],
  xfs: [{ offset: 0, bytes: Uint8Array.of(0x58, 0x46, 0x53, 0x42) }],
};
