// A store's name in one line: what leads to it on which device, and what kind of file system is there.
import { formatEscaped, formatQuoted } from "../core/text/quoted.ts";
import { formatSize } from "../core/text/size.ts";

/** Is what a store is named by. */
export interface NamedStore {
  readonly device: string;
  readonly type?: string | undefined;
  readonly directory: string;
  /** The path on its host, of a file store. */
  readonly file?: string | undefined;
  readonly hostType?: string | undefined;
  readonly bytes?: number | undefined;
}

/** Describes a store. */
export function describeStore({
  device,
  type = "?",
  directory,
  file,
  hostType = "?",
  bytes,
}: NamedStore): string {
  const on = formatEscaped(device);
  if (file === undefined)
    return `${formatQuoted(directory === "" ? "/" : directory)} on ${on} (${formatEscaped(type)})`;
  const size = bytes === undefined ? "" : ` in ${formatSize(bytes)}`;
  return `${formatQuoted(file)} on ${on} (${formatEscaped(type)}${size}, on ${formatEscaped(hostType)})`;
}
