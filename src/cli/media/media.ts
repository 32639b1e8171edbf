// What is done on a medium of each kind: one file for each, all of the same shape.

import type { Target } from "../command-line/medium.ts";
import { image } from "./image.ts";
import { stick } from "./stick.ts";
import { tree } from "./tree.ts";
import { ventoy } from "./ventoy.ts";

/** Installs on a medium, or undoes it. */
export function workOn(target: Target, work: "install" | "uninstall"): void {
  const { medium } = target;
  if (medium.kind === "tree") tree[work]({ ...target, medium });
  else if (medium.kind === "image") image[work]({ ...target, medium });
  else if (medium.kind === "stick") stick[work]({ ...target, medium });
  else ventoy[work]({ ...target, medium });
}
