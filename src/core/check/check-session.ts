// What the record of a store tells a check of its past: a session that was not ended, or goes on elsewhere, and the base
// that its changes were made on. Neither says that anything is damaged.
import { type BaseIdentity, describeBase, describeOtherBase } from "../medium/base-identity.ts";
import { describeBeginning, identifyCut } from "../stores/last-session.ts";
import { summariseRecord } from "../stores/seen-store.ts";
import type { CheckFacts } from "./check-facts.ts";
import type { Found } from "./check-finding.ts";

/** Checks what a store tells of its last session and its base. */
export function checkSession(facts: CheckFacts): Found[] {
  const { seen, now } = facts;
  const record = summariseRecord(seen);
  // What the running session does with it, the boot and "backstore status" tell.
  if (record === undefined || seen.use?.by === "session") return [];
  return [...checkEnd(facts), ...checkBase(record.base, now.base)];
}

/** Tells whether the store may be in use on another machine: by a stick that is passed through, or a disk that is shared. */
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
        sentence: `${last} did not end cleanly: what was not yet written to it is lost`,
      },
    ];
  return [
    {
      severity: "warning",
      sentence: `${last} did not end cleanly, or goes on: that is another machine, and if it still uses the store, both will destroy it`,
      hint: "make sure that it is over before anything is written to the store",
    },
  ];
}

function checkBase(last: BaseIdentity | undefined, now: BaseIdentity | undefined): Found[] {
  if (last === undefined || now === undefined) return [];
  if (describeOtherBase(last, now) === undefined) return [];
  const [then, today] = [describeBase(last), describeBase(now)];
  return [
    {
      severity: "note",
      sentence:
        then === today
          ? `its changes were last made on another build of the base ${then} than the one that runs`
          : `its changes were last made on the base ${then}, and ${today} is running`,
      hint: 'boots take it all the same, unless "backstore=base=" says otherwise: files that were changed stay as they were changed',
    },
  ];
}
