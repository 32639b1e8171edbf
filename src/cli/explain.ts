import type { Command } from "./command.ts";

/** Stands in until written. */
export const command: Command = {
  name: "explain",
  usage: "explain",
  description: "",
  flags: [],
  run: ({ arguments: a }) => {
    if (a.operands[0] === "bug") throw new TypeError("test bug");
    return 1;
  },
};
