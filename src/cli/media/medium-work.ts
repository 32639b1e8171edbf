// The shape of the files beside this one.

import type { NamedMedium } from "../../core/install/identify-medium.ts";
import type { Target } from "../command-line/medium.ts";

/**
 * What commands do on a medium of one kind: each inspects, plans, and does it or tells what it
 * would do; whatever can be known to fail throws a Failure before anything is written.
 */
export interface MediumWork<Kind extends NamedMedium["kind"]> {
  readonly install: (target: TargetOf<Kind>) => void;
  readonly uninstall: (target: TargetOf<Kind>) => void;
}

/** A medium of one kind that a command works on. */
export type TargetOf<Kind extends NamedMedium["kind"]> = Target<
  Extract<NamedMedium, { kind: Kind }>
>;
