// Options as a system credential (systemd-creds(1), systemd.system-credentials(7)): whoever starts
// a virtual machine passes it in the firmware's table, without a boot menu being changed.

import { parseBase64 } from "../bytes/base64.ts";
import { decodeUtf8 } from "../bytes/utf.ts";

/** The name of the credential, whose text is written like a kernel command line. */
export const optionsCredential = "backstore.cmdline";

/** The longest text that is taken; a kernel command line is no longer either. */
export const mostCredentialBytes = 4096;

const plain = `io.systemd.credential:${optionsCredential}=`;
const encoded = `io.systemd.credential.binary:${optionsCredential}=`;

/**
 * Finds the credential among strings of the firmware; the first one counts, as for systemd. One
 * that cannot be decoded is none.
 */
export function findCredential(strings: readonly string[]): string | undefined {
  for (const one of strings) {
    if (one.startsWith(plain)) return one.slice(plain.length);
    if (!one.startsWith(encoded)) continue;
    const bytes = parseBase64(one.slice(encoded.length));
    if (bytes !== undefined) return decodeUtf8(bytes);
  }
  return undefined;
}
