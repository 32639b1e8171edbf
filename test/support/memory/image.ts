// File systems on devices and in image files, as a test writes them.
import { type Content, type Piece, sparseContent } from "./content.ts";
import { directory, type Tree } from "./entry.ts";
import { TreeFileSystem } from "./tree.ts";

/** The contents of a device. */
export interface ImageRequest {
  /** The type as the kernel names it: "ext4", "squashfs" … */
  readonly type: string;
  readonly tree?: Tree;
  /** Its contents after the journal is replayed, if that is pending. */
  readonly logged?: Tree;
  /** The size of the device; 64 MiB by default. */
  readonly bytes?: number;
  /** How much of its space is reserved for root; nothing by default. */
  readonly reservedBytes?: number;
  /** Its bytes, for what reads superblocks; by default those of a new file system. */
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

/** Only what distinguishes the types; other readers need the bytes of a real superblock. */
const magics: Readonly<Record<string, readonly Piece[]>> = {
  ext4: [{ offset: 1080, bytes: Uint8Array.of(0x53, 0xef) }],
  squashfs: [{ offset: 0, bytes: Uint8Array.of(0x68, 0x73, 0x71, 0x73) }],
  xfs: [{ offset: 0, bytes: Uint8Array.of(0x58, 0x46, 0x53, 0x42) }],
};
