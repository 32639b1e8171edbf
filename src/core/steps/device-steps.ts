// The steps that concern whole devices, and the tools that work on them.
import { formatPath, formatShellWord } from "../text/quoted.ts";
import { formatSize } from "../text/size.ts";

/** Maps each kind of step to what it needs. Paths are absolute; sizes are bytes. */
export interface DeviceStepArguments {
  /** Fails where a device is in use, or is not any more what it was when the plan was made. */
  "check-device": {
    readonly path: string;
    readonly bytes: number;
    readonly type: string | undefined;
    readonly uuid: string | undefined;
  };
  /** Gives a loop device's file back, at once or with the last user of the device. */
  "detach-loop": { readonly device: string };
  /** Tells a loop device that its file has another size. */
  "set-loop-capacity": { readonly device: string };
  /** Runs a program; `action` says what for, as it stands after "Cannot". */
  "run-tool": {
    readonly action: string;
    readonly argv: readonly string[];
    readonly directory?: string;
  };
}

/** Says in words what each step does. */
export const deviceDescribers: {
  readonly [Kind in keyof DeviceStepArguments]: (step: DeviceStepArguments[Kind]) => string;
} = {
  "check-device": ({ path, bytes, type }) =>
    `check that ${formatPath(path)} is still what was seen (${formatSize(bytes)}, ${type ?? "nothing recognised"}) and not in use`,
  "detach-loop": ({ device }) => `detach ${formatPath(device)} from its file`,
  "set-loop-capacity": ({ device }) => `tell ${formatPath(device)} the new size of its file`,
  "run-tool": ({ action, argv }) => `${action} (${argv.map(formatShellWord).join(" ")})`,
};
