// The steps by which a store keeps room for the day when it is full. What they do depends on the room that there really
// is, because a look leaves a journal alone in which newer changes may lie.
import { formatPath } from "../text/quoted.ts";
import { formatSize } from "../text/size.ts";

/** Maps each kind of step to what it needs. Types are blkid's words. */
export interface RoomStepArguments {
  /**
   * Makes sure that the file system of a type, mounted at `path`, has room for a session: releases the ballast where less
   * is free than that would give, and fails where it is less than `bytes` even so; `advice` says what to do then.
   */
  "ensure-room": {
    readonly path: string;
    readonly type: string;
    readonly ballast: string;
    readonly bytes: number;
    readonly advice: string;
  };
  /** Makes a ballast of the size that suits its file system, where much more than that is free. */
  "make-ballast": { readonly path: string; readonly type: string };
}

/** Says in words what each step does. */
export const roomDescribers: {
  readonly [Kind in keyof RoomStepArguments]: (step: RoomStepArguments[Kind]) => string;
} = {
  "ensure-room": ({ path, ballast, bytes }) =>
    `make sure that ${formatSize(bytes)} are free on ${formatPath(path)}; remove ${formatPath(ballast)} where less is free than it keeps`,
  "make-ballast": ({ path }) =>
    `keep some room back in ${formatPath(path)}, where ten times as much is free`,
};
