// A failure that the user can do something about. Anything else that is thrown is a bug and shows
// its stack. The codes are the keys of the one table of exit statuses (docs/design.md, "Exit
// statuses").

/** Maps each kind of failure to the exit status of the process. */
export const exitStatus = {
  bug: 1,
  usage: 2,
  tool: 3,
  "not-found": 4,
  "in-use": 5,
  damaged: 6,
  "no-room": 7,
  unsafe: 8,
  volatile: 9,
  interrupted: 130,
} as const;

/** The name of one row of the table of exit statuses. */
export type FailureCode = keyof typeof exitStatus;

/** One sentence ("Cannot X: Y") and at most one hint that can be done or pasted. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly hint: string | undefined;

  constructor(code: FailureCode, message: string, hint?: string) {
    super(message);
    this.name = "Failure";
    this.code = code;
    this.hint = hint;
  }
}
