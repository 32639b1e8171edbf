// A boot's session as a program of its own, on two devices of the machine that runs the tests:
// inspects, decides and mounts as the program in the initramfs does (src/boot), below its root, and
// prints boot.json's object on one line. It neither searches for devices nor executes any init:
// session MEDIUM STORE COMMAND-LINE.
import * as host from "host";
import { findMedium } from "../../src/boot/find-medium.ts";
import { findStore } from "../../src/boot/find-store.ts";
import type { Hardware } from "../../src/boot/hardware.ts";
import { runSession } from "../../src/boot/run-session.ts";
import { readOptions } from "../../src/core/options/read-options.ts";
import { explain } from "../../src/core/session/explanation.ts";
import { discoverImage } from "../../src/system/devices/discover-devices.ts";
import { nativeSystem as system } from "../../src/system/port/native.ts";

const [, medium = "", store = "", commandLine = ""] = host.commandLine();
host.setEnvironment("PATH", "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin");

const hardware: Hardware = {
  system,
  machine: system.kernel().machine,
  problems: [],
  summariseBug: String,
  devices: () => [medium, store].flatMap((path) => discoverImage(system, path)),
  forget: () => {},
  load: () => {},
  settle: () => {},
  prepare: () => {},
};
const texts = { defaults: undefined, commandLine };
const before = readOptions({ ...texts, yaml: [] });
const choice = findMedium(hardware, before.options);
const { options, problems } = readOptions({ ...texts, yaml: choice.medium.yaml });
const learned = findStore(hardware, { options, medium: choice.medium });
const run = runSession(hardware, {
  medium: choice.medium,
  version: "test",
  decision: { options, learned },
  copiedBefore: undefined,
});
const explanation = explain({
  options,
  problems,
  candidates: run.learned.candidates,
  copy: run.copying.plan,
  plan: run.execution.plan,
  medium: choice.medium,
  chosenBy: undefined,
  failures: run.execution.failures,
  checks: run.execution.checks,
});
system.say(
  "stdout",
  `boot ${JSON.stringify({ ...explanation, failures: run.execution.failures })}\n`,
);
host.exit(0);
