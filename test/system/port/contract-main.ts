// The contract as a program of its own, in the host that the product runs in: contract IMAGES
// prints one line of JSON per predicate. native.test.ts builds it, gives it images made by the real
// tools, and runs it where it can mount.
import * as host from "host";
import { nativeSystem } from "../../../src/system/port/native.ts";
import { checkPredicate, contract, type Fixtures } from "./contract.ts";

const [, imagesDirectory = ""] = host.commandLine();
host.setEnvironment("PATH", "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin");

// The descriptors that this program was started with, and the directory that is listed.
const given = nativeSystem.list("/proc/self/fd").length;

// The first call opens the socket that stays open.
nativeSystem.waitForDevices(0);
const descriptors = nativeSystem.list("/proc/self/fd");

for (const [name, predicate] of Object.entries(contract)) {
  let problem: string | undefined;
  try {
    checkPredicate(nativeSystem, { predicate, fixturesAt });
  } catch (error) {
    problem = error instanceof Error ? `${error.message}\n${error.stack}` : String(error);
  }
  nativeSystem.say("stdout", `${JSON.stringify({ name, problem })}\n`);
}
const left = nativeSystem.list("/proc/self/fd").filter((fd) => !descriptors.includes(fd));
nativeSystem.say(
  "stdout",
  `${JSON.stringify({ name: "descriptors", ...(left.length > 0 && { problem: left.join(" ") }) })}\n`,
);
// A lock must last as long as any program that was started under it; no other descriptor is
// inherited.
const lock = `${imagesDirectory}/lock`;
nativeSystem.writeFile(lock, "");
const counts = [countDescriptorsOfChild(), nativeSystem.withLock(lock, countDescriptorsOfChild)];
const isRight = counts[0] === given && counts[1] === given + 1;
nativeSystem.say(
  "stdout",
  `${JSON.stringify({ name: "inherited", ...(!isRight && { problem: `${counts} of ${given}` }) })}\n`,
);
const room = `${imagesDirectory}/room`;
nativeSystem.writeFile(room, "");
nativeSystem.allocate(room, 0, 1 << 22);
// Newer kernels keep the limit for a device until the next reboot, so only the first run on a
// machine can fail.
for (const givesBack of [false, true]) {
  nativeSystem.withLoop({ file: room, readonly: false, givesBack }, (device) =>
    nativeSystem.run(["blkdiscard", device]),
  );
  const kept = nativeSystem.status(room)?.allocatedBytes ?? 0;
  const isRight = givesBack ? kept === 0 : kept >= 1 << 22;
  nativeSystem.say(
    "stdout",
    `${JSON.stringify({ name: "room", ...(!isRight && { problem: `${kept} bytes are left` }) })}\n`,
  );
}
host.exit(0);

/** Counts those of ls, which has the directory open too. */
function countDescriptorsOfChild(): number {
  return nativeSystem.run(["ls", "/proc/self/fd"]).stdout.trim().split("\n").length;
}

function fixturesAt(directory: string): Fixtures {
  return {
    directory,
    image(name) {
      succeed(["cp", "--sparse=always", `${imagesDirectory}/${name}`, `${directory}/${name}.img`]);
      return `${directory}/${name}.img`;
    },
    sparseFile() {
      succeed(["truncate", "--size=64M", `${directory}/sparse`]);
      return `${directory}/sparse`;
    },
    fifo() {
      succeed(["mkfifo", `${directory}/fifo`]);
      return `${directory}/fifo`;
    },
  };
}

function succeed(argv: readonly string[]): void {
  const { status, stderr } = nativeSystem.run(argv);
  if (status !== 0) throw new Error(`"${argv[0]}" failed: ${stderr}`);
}
