// Whether an image can be installed on once it is on a stick: known before the stick is written.

import { programFile } from "../../core/install/install-record.ts";
import { planEfi } from "../../core/install/plan-efi.ts";
import { addonOf, mostBytes, planImage, readImageFiles } from "../../core/install/plan-image.ts";
import {
  chooseSessionBlock,
  chooseStorePart,
  type StickFacts,
} from "../../core/install/plan-stick.ts";
import type { InstallReport } from "../../report/install.ts";
import { partitionStoreType, requireStoreTools } from "../../system/create/store-partition.ts";
import { inspectImage } from "../../system/install/inspect-image.ts";
import { sumTextOn } from "../../system/install/sum-text.ts";
import { requireTool } from "../../system/port/tool.ts";
import { readStoreFlags } from "../command-line/store-flags.ts";
import type { TargetOf } from "./medium-work.ts";
import { withAddon } from "./prepare-addon.ts";
import { requireServed } from "./tell-install.ts";

/**
 * Returns what would be installed on an image that is on a stick of a size; throws a Failure if it
 * could not be.
 */
export function requireInstallable(
  { command, invocation, medium: { path }, cannot }: TargetOf<"stick">,
  { file, bytes }: { readonly file: string; readonly bytes: number },
): InstallReport {
  const { system } = invocation;
  const { size, entry: store } = readStoreFlags(command, invocation.arguments);
  requireTool(system, { action: "write a session", tool: "xorriso" });
  if (size !== undefined) requireStoreTools(system);
  const { original } = inspectImage(system, file, cannot);
  return withAddon(invocation, (made) => {
    const plan = planEfi(original, store);
    const planned = planImage(original, {
      ...{ files: readImageFiles(original, cannot), request: { ...made, store } },
      sum: sumTextOn(system),
      efi: plan && { plan, patches: [] },
    });
    const { changes } = planned;
    requireServed(invocation, { path, changes }, cannot);
    const facts: StickFacts = {
      ...{ path, bytes, imageBytes: original.source.bytes, session: undefined },
      ...{ partitions: [], stores: [], identity: { type: undefined, uuid: undefined } },
    };
    const sessionBytes = mostBytes(made);
    chooseSessionBlock(facts, sessionBytes, cannot);
    const { smallestBytes: leastBytes } = partitionStoreType;
    if (size !== undefined)
      chooseStorePart(facts, { size, sessionBytes, endOfRoom: bytes, leastBytes }, cannot);
    return { path, changes, own: [addonOf(planned) ?? "", programFile], state: "planned" };
  });
}
