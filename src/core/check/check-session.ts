// Checks a store's past by its record: a session that did not end, or is running elsewhere, and the
// base that its changes were made on. Neither means that anything is damaged.
import {
  type BaseIdentity,
  compareBases,
  describeBase,
  describeOtherModules,
} from "../medium/base-identity.ts";
import { describeBeginning, identifyCut } from "../stores/last-session.ts";
import { summariseRecord } from "../stores/seen-store.ts";
import type { CheckFacts } from "./check-facts.ts";
import type { Found } from "./check-finding.ts";

/** Checks the last session and the base in a store's record. */
export function checkSession(facts: CheckFacts): Found[] {
  const { seen, now } = facts;
  const record = summariseRecord(seen);
  // How the running session uses it is reported at boot and by "backstore status".
  if (record === undefined || seen.use?.by === "session") return [];
  return [...checkEnd(facts), ...checkBase(record.base, now.base)];
}

/**
 * Returns whether the store may be in use on another machine: on a stick that is passed through, or
 * a disk that is shared.
 */
export function mayBeUsedElsewhere({ seen, now }: CheckFacts): boolean {
  return identifyCut(summariseRecord(seen)?.session, now) === "elsewhere";
}

function checkEnd({ seen, now }: CheckFacts): Found[] {
  const session = summariseRecord(seen)?.session;
  const cut = identifyCut(session, now);
  if (session === undefined || cut === undefined) return [];
  const last = `its last session${describeBeginning(session)}`;
  if (cut === "cut-off")
    return [
      {
        severity: "note",
        sentence: `${last} did not end cleanly: unwritten data is lost`,
      },
    ];
  return [
    {
      severity: "warning",
      sentence: `${last} did not end cleanly or is still running on another machine; if both write to the store, it will be destroyed`,
      hint: "make sure that it has ended before anything is written to the store",
    },
  ];
}

function checkBase(last: BaseIdentity | undefined, now: BaseIdentity | undefined): Found[] {
  const difference = compareBases(last, now);
  if (last === undefined || now === undefined || difference === undefined) return [];
  const [then, today] = [describeBase(last), describeBase(now)];
  const sentences = {
    base: `its changes were last made on the base ${then}, but ${today} is running`,
    build: `its changes were last made on a different build of the base ${then} than the running one`,
    modules: `its changes were last made on the base ${then} with other modules than the running one (${describeOtherModules(last, now)})`,
  };
  return [
    {
      severity: "note",
      sentence: sentences[difference],
      hint: 'boots use it anyway unless "backstore=base=" says otherwise; changed files stay as they are',
    },
  ];
}
