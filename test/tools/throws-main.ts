// A program with a bug, in the host that the product runs in: it ends as main.ts does, with the
// stack in terms of TypeScript. binary.test.ts looks for the lines marked below.
import * as host from "host";
import { errnoOf } from "../../src/system/port/system.ts";
import { describeBug } from "../../src/system/port/trace.ts";

const [, kind] = host.commandLine();

try {
  if (kind === "errno") readMissing();
  else callNothing();
} catch (error) {
  host.writeStream(2, describeBug(error, host.text("lines.json")));
  host.exit(1);
}

function callNothing(): void {
  const nothing: { name?: { length: number } } = JSON.parse("{}");
  host.writeStream(1, `${nothing.name!.length}`); // throws a TypeError
}

function readMissing(): void {
  host.readFile("/missing"); // throws ENOENT
  host.writeStream(1, `${errnoOf(undefined)}`);
}
