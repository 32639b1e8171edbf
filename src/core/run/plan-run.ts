// Decides how a system is put together beside the running one, to run something in it: as a boot
// does, in another directory, and with no other session than the one that was asked for.

import { places, sessionMounts } from "../session/places.ts";
import { planSession } from "../session/plan-session.ts";
import type { SessionFacts, SessionResult } from "../session/session.ts";
import type { Plan, Step } from "../steps/step.ts";
import { Failure } from "../text/failure.ts";

/** What becomes of the changes. */
export type RunMode = "persistent" | "readonly" | "volatile";

/** Where a system is put together: a directory for its mounts. */
interface RunPlace {
  readonly mode: RunMode;
  readonly at: string;
}

/** Plans to put a system together; throws Failure "unsafe" if it cannot be as it was asked for. */
export function planRun(facts: SessionFacts, { mode, at }: RunPlace): Plan<SessionResult> {
  const { title, steps, result } = planSession(facts);
  if (result.session !== mode)
    throw new Failure(
      "unsafe",
      `Cannot use the store: ${result.reason ?? "it cannot be used"}`,
      mode === "persistent" ? "look into it without changing it: --readonly" : undefined,
    );
  const { layers = [], file, directory } = facts.apart ?? {};
  const kept = new Set([...layers.map(({ path }) => path), file, directory]);
  const move = (text: string) => (kept.has(text) ? text : movePath(text, at));
  // Nobody in the system needs to find the store.
  const needed = steps.filter((step) => step.do !== "show-inside");
  return { title, steps: needed.map((step) => moveStep(step, move)), result };
}

/** Returns where the root is. */
export function runRoot(at: string): string {
  return movePath(places.root, at);
}

/** Returns where the store is mounted. */
export function runStore(at: string): string {
  return movePath(places.store, at);
}

function movePath(path: string, at: string): string {
  if (path.startsWith(sessionMounts)) return `${at}/${path.slice(sessionMounts.length)}`;
  const isInRoot = path === places.root || path.startsWith(`${places.root}/`);
  return isInRoot ? `${at}${path}` : path;
}

/** Every path of a step is a text of its own. */
function moveStep(step: Step, move: (text: string) => string): Step {
  const moved = (value: unknown): unknown => {
    if (typeof value === "string") return move(value);
    if (Array.isArray(value)) return value.map(moved);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, moved(one)]));
  };
  // Nothing but texts has changed.
  return moved(step) as Step;
}
