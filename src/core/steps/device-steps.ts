// The steps that concern whole devices, and the tools that work on them.
import { formatPath, formatShellWord } from "../text/quoted.ts";
import { formatSize } from "../text/size.ts";

/** The arguments of each kind of step. Paths are absolute; sizes are in bytes. */
export interface DeviceStepArguments {
  /** Fails if a device is in use or has changed since the plan was made. */
  "check-device": {
    readonly path: string;
    readonly bytes: number;
    readonly type: string | undefined;
    readonly uuid: string | undefined;
  };
  /** Detaches a loop device from its file, at once or when its last user closes it. */
  "detach-loop": { readonly device: string };
  /** Makes a loop device take over the new size of its file. */
  "set-loop-capacity": { readonly device: string };
  /** Runs a program; `action` says what for, as the continuation of "Cannot". */
  "run-tool": {
    readonly action: string;
    readonly argv: readonly string[];
    readonly directory?: string;
  };
}

/** Descriptions of each kind of step. */
export const deviceDescribers: {
  readonly [Kind in keyof DeviceStepArguments]: (step: DeviceStepArguments[Kind]) => string;
} = {
  "check-device": ({ path, bytes, type }) =>
    `check that ${formatPath(path)} has not changed (${formatSize(bytes)}, ${type ?? "nothing recognised"}) and is not in use`,
  "detach-loop": ({ device }) => `detach ${formatPath(device)} from its file`,
  "set-loop-capacity": ({ device }) => `update ${formatPath(device)} to the new size of its file`,
  "run-tool": ({ action, argv }) => `${action} (${argv.map(formatShellWord).join(" ")})`,
};
