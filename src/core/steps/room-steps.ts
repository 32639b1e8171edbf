// The steps that keep reserve space in a store for when it is full. They act on the space that is
// really free, because inspection does not replay the journal, which may contain newer changes.
import { formatPath } from "../text/quoted.ts";
import { formatSize } from "../text/size.ts";

/** The arguments of each kind of step. Types are as blkid names them. */
export interface RoomStepArguments {
  /**
   * Ensures that the file system of a type, mounted at `path`, has room for a session: releases the
   * ballast if less is free than that would add, and fails if the result is less than `bytes`;
   * `advice` says what to do then.
   */
  "ensure-room": {
    readonly path: string;
    readonly type: string;
    readonly ballast: string;
    readonly bytes: number;
    readonly advice: string;
  };
  /** Creates a ballast of a size that suits its file system, if much more than that is free. */
  "make-ballast": { readonly path: string; readonly type: string };
}

/** Descriptions of each kind of step. */
export const roomDescribers: {
  readonly [Kind in keyof RoomStepArguments]: (step: RoomStepArguments[Kind]) => string;
} = {
  "ensure-room": ({ path, ballast, bytes }) =>
    `make sure that ${formatSize(bytes)} is free on ${formatPath(path)}; remove ${formatPath(ballast)} if less is free than it reserves`,
  "make-ballast": ({ path }) =>
    `reserve some room in ${formatPath(path)} if ten times as much is free`,
};
