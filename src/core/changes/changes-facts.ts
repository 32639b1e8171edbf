// What a walk through the changes in an upper directory found.

/** The facts about a store's changes; paths are below the upper directory, each an example. */
export interface ChangesFacts {
  readonly entries: number;
  /** Whether the walk reached its limit before it had seen everything. */
  readonly isIncomplete: boolean;
  readonly metacopy: string | undefined;
  readonly redirect: string | undefined;
  /** Files in the places that are mount points in every system: how many, their size, and where. */
  readonly covered: {
    readonly count: number;
    readonly bytes: number;
    readonly places: readonly string[];
  };
}
