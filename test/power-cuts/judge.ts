// One long-running guest that inspects many disks: its kernel mounts vfat and exfat, which that of
// the machine that runs the tests may not. The disks appear one after the other in place of one; a
// small disk tells the guest when the next one is there.

import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { formatTail } from "../machines/boot-request.ts";
import { writeActions } from "../machines/guest/actions.ts";
import { executeIn, type Lane, type LaneRequest } from "../machines/lane.ts";
import type { Disk } from "../machines/machine.ts";

/** The disks to inspect. */
export interface Inquiry {
  /** The boot of the guest: its disk "judged" is the place; "control" and "actions" are added. */
  readonly request: LaneRequest;
  readonly lane: Lane;
  /** How many disks there are. */
  readonly count: number;
  /** Puts a disk in place, by its number. */
  readonly put: (number: number) => void;
  /** The shell script that inspects it, in a process of its own; its output is the answer. */
  readonly script: string;
}

// The control disk contains the number of the present disk, as a line, and is read past the guest's
// cache.
const loop = (count: number, script: string) => `
cat > /run/judge <<'JUDGE_ENDS'
${script}
JUDGE_ENDS
for block in /sys/block/*; do
  case $(cat $block/serial 2> /dev/null) in
    control) control=/dev/\${block##*/} ;;
    judged) judged=/dev/\${block##*/} ;;
  esac
done
number=0
while [ $number -lt ${count} ]; do
  number=$((number + 1))
  while :; do
    dd if=$control of=/run/control bs=4096 count=1 iflag=direct 2> /dev/null
    read -r there < /run/control
    [ "$there" = "$number" ] && break
    usleep 20000
  done
  blockdev --flushbufs $judged
  { sh /run/judge \${judged} 2>&1; echo "status $?"; } | say judged $number
done
`;

/** Inspects each disk, and returns the answers in their order. */
export async function judgeDisks({
  request,
  lane,
  count,
  put,
  script,
}: Inquiry): Promise<string[]> {
  const { directory } = request;
  mkdirSync(directory, { recursive: true });
  const control = join(directory, "control.img");
  const actions = join(directory, "actions.img");
  writeFileSync(control, "1\n".padEnd(65536, "\n"));
  writeActions(actions, loop(count, script));
  const more: readonly Disk[] = [
    { name: "control", file: control, readonly: true },
    { name: "actions", file: actions, readonly: true },
  ];
  const facts = join(directory, "facts.jsonl");
  writeFileSync(facts, "");
  // The guest learns the disk's size when it starts.
  put(1);
  const boot = executeIn(lane, { ...request, disks: [...request.disks, ...more] });
  let isOver = false;
  const over = boot.then(() => {
    isOver = true;
  });
  for (let number = 2; number <= count && !isOver; ) {
    if (!isJudged(facts, number - 1)) {
      await Promise.race([over, new Promise((go) => setTimeout(go, 20))]);
      continue;
    }
    put(number);
    writeNumber(control, number);
    number++;
  }
  const result = await boot;
  const answers = Array.from({ length: count }, (_, index) =>
    result.facts.text("judged", String(index + 1)),
  );
  const missing = answers.indexOf(undefined);
  if (!result.finished || missing >= 0) {
    throw new Error(
      `Cannot judge all: the guest ${result.ending}, after ${missing} answers\n${formatTail(result.console)}`,
    );
  }
  return answers.map((answer) => answer ?? "");
}

function isJudged(facts: string, number: number): boolean {
  const name = Buffer.from(String(number)).toString("base64");
  const said = existsSync(facts) ? readFileSync(facts, "utf8") : "";
  return said.includes(`{"kind":"judged","name":"${name}"`);
}

function writeNumber(control: string, number: number): void {
  const file = openSync(control, "r+");
  writeSync(file, `${number}\n`.padEnd(4096, "\n"), 0);
  closeSync(file);
}
