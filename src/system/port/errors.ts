// What the system refuses, as a failure that people can read.
import { Failure } from "../../core/text/failure.ts";
import { reasonOf } from "../steps/step-failure.ts";
import { errnoOf } from "./system.ts";

/** Does something; an errno becomes Failure "tool", whose sentence begins with `cannot` ("Cannot look at …"). */
export function orFail<T>(cannot: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    throw new Failure("tool", `${cannot}: ${reasonOf(error)}`);
  }
}
