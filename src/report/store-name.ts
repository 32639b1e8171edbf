// A store's name in one line: its path, on which device, and the type of file system there.
import { formatEscaped, formatQuoted } from "../core/text/quoted.ts";
import { formatSize } from "../core/text/size.ts";

/** The names of a store. */
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
