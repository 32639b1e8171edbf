// The last guard of a boot. Whatever is thrown while a disk is inspected or a session on a store is
// planned, a bug too, is a reason against that disk or store: the boot goes on without it, and says
// so. Who wrote the disk must not be able to keep the machine from booting.
import { Failure } from "../core/text/failure.ts";
import { errnoOf } from "../system/port/system.ts";

/** Describes an exception that nobody expected, in one line. */
export type SummariseBug = (error: unknown) => string;

/** Does something; a bug in it is a Failure, whose message is a reason. */
export function orRefuse<T>(summarise: SummariseBug, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (isExpected(error)) throw error;
    throw new Failure("bug", summarise(error));
  }
}

/** Does something; a bug in it is an answer too. */
export function orElse<T>(
  summarise: SummariseBug,
  action: () => T,
  otherwise: (reason: string) => T,
): T {
  try {
    return action();
  } catch (error) {
    if (isExpected(error)) throw error;
    return otherwise(summarise(error));
  }
}

/** Who says on purpose that something cannot be done knows who asked. */
function isExpected(error: unknown): boolean {
  return error instanceof Failure || errnoOf(error) !== undefined;
}
