// What a walk through the changes in an upper directory found.

/** Is what a walk through a store's changes found; paths are below the upper directory, each an example. */
export interface ChangesFacts {
  readonly entries: number;
  /** Whether the walk ended at its bound before it had seen everything. */
  readonly isIncomplete: boolean;
  readonly metacopy: string | undefined;
  readonly redirect: string | undefined;
  /** What lies in the places over which every system mounts something: how many, what they take up, and where. */
  readonly covered: {
    readonly count: number;
    readonly bytes: number;
    readonly places: readonly string[];
  };
}
