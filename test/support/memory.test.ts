// The contract on the System in memory, and its own features: a journal, faults, disks that appear
// later.
import { describe, expect, test } from "vitest";
import { errnoOf } from "../../src/system/port/system.ts";
import { leavingScript } from "../system/port/contract/locks.ts";
import { scripts, standardInput } from "../system/port/contract/processes.ts";
import {
  checkPredicate,
  contract,
  type Fixtures,
  type ImageName,
} from "../system/port/contract.ts";
import { assembledContent, type Content, sparseContent } from "./memory/content.ts";
import { directory, file, link, makeEntry } from "./memory/entry.ts";
import { image } from "./memory/image.ts";
import { createMemory, HandedOver, type Memory, type Program } from "./memory.ts";

const tree = {
  "etc/greeting": "hello\n",
  "etc/link": link("greeting"),
  "bin/tool": file("x\n", 0o755),
  empty: directory({}),
};
const makers: Record<ImageName, () => Content> = {
  squashfs: () => image({ type: "squashfs", tree, bytes: 4096 }),
  ext4: () => image({ type: "ext4", tree, bytes: 8 << 20, reservedBytes: 1 << 18 }),
  ext2: () => image({ type: "ext2", bytes: 8 << 20 }),
  xfs: () => image({ type: "xfs" }),
  btrfs: () => image({ type: "btrfs" }),
  partitioned: () =>
    assembledContent(16 << 20, [
      { offset: 1 << 20, content: image({ type: "ext4", tree, bytes: 8 << 20 }) },
    ]),
};

/** The programs of the contract. */
const shell: Program = ({ argv, stdin, directory, system }) => {
  const script = argv[2];
  if (script === leavingScript) return { stdout: "4711\n", leavesChild: true };
  if (script === scripts.fail) return { status: 3, stdout: "out\n", stderr: "err\n" };
  if (script === scripts.kill) return { signal: 9 };
  if (script === scripts.endless) return { stdout: "begun\n", takesMs: 600_000 };
  if (script === scripts.silent) return { takesMs: 600_000 };
  if (script === scripts.patient) return { takesMs: 1000 };
  if (script === scripts.loud)
    return { stdout: "out\n".repeat(150_000), stderr: "err\n".repeat(75_000) };
  if (script === scripts.deaf) return { stdout: "done\n" };
  if (script === scripts.malformed) return { stdout: "a\ufffdb" };
  if (script === scripts.leave) {
    system.makeDirectory("/proc/4711");
    system.makeLink("/proc/4711/exe", "/bin/sleep");
    return { stdout: "4711\n" };
  }
  if (script === scripts.apart)
    return {
      status: 1,
      stdout: "4242 4242 1 / \nCapEff:\t0000000000000000\nNoNewPrivs:\t1\n",
    };
  if (script === scripts.unable) return { stdout: "no\n" };
  if (script === scripts.quiet) system.writeFile(`${directory}/heard`, stdin);
  return {};
};
const programs: Record<string, Program> = {
  sh: shell,
  true: () => ({}),
  chattr: () => ({}),
  flock({ argv, system }) {
    const [path = "", ...words] = argv.slice(1).filter((word) => word !== "--nonblock");
    try {
      return { status: system.withLock(path, () => system.run(words).status) ?? 1 };
    } catch (error) {
      if (errnoOf(error) === "EAGAIN") return { status: 1 };
      throw error;
    }
  },
  cat: ({ stdin }) => ({ stdout: stdin }),
  pwd: ({ directory }) => ({ stdout: `${directory}\n` }),
  printf: ({ argv }) => ({
    stdout: argv
      .slice(2)
      .map((word) => `${word}|`)
      .join(""),
  }),
};

function createForContract(): { memory: Memory; fixturesAt: (directory: string) => Fixtures } {
  const memory: Memory = createMemory({
    proc: { "self/ns/mnt": link("mnt:[1]") },
    stdin: standardInput,
    programs: {
      ...programs,
      kill() {
        memory.endLeftBehind();
        return {};
      },
      lsattr({ argv: [, path = ""] }) {
        const flag = memory.entry(path).isCopiedOnWrite ? "-" : "C";
        return { stdout: `---------------${flag}------ ${path}\n` };
      },
    },
  });
  const put = (path: string, content: Content) => {
    memory.put(path, file(content));
    return path;
  };
  return {
    memory,
    fixturesAt: (at) => ({
      directory: at,
      image: (name) => put(`${at}/${name}.img`, makers[name]()),
      sparseFile: () => put(`${at}/sparse`, sparseContent(64 << 20)),
      fifo() {
        memory.put(`${at}/fifo`, makeEntry("fifo"));
        return `${at}/fifo`;
      },
    }),
  };
}

describe("memory keeps the contract", () => {
  for (const [name, predicate] of Object.entries(contract))
    test(name, () => {
      const { memory, fixturesAt } = createForContract();
      checkPredicate(memory.system, { predicate, fixturesAt });
    });
});

describe("the contract asks for", () => {
  const { system } = createMemory();
  // say() shows nothing to its caller, the others never return.
  const names = Object.keys(system).filter(
    (name) => name !== "say" && name !== "handOver" && name !== "shutDown",
  );
  for (const name of names)
    test(`${name}(): without it a predicate fails`, () => {
      const failed = Object.values(contract).some((predicate) => {
        const { memory, fixturesAt } = createForContract();
        const idle = { ...memory.system, [name]: () => undefined };
        try {
          checkPredicate(memory.system, {
            predicate: (_, given) => predicate(idle, given),
            fixturesAt,
          });
          return false;
        } catch {
          return true;
        }
      });
      expect(failed).toBe(true);
    });
});

test("createMemory() records what changes something and nothing else", () => {
  const { system, journal } = createMemory({ files: { "etc/hostname": "rescue\n" } });
  system.readText("/etc/hostname");
  system.makeDirectory("/run/a", 0o700);
  system.mount({ source: "none", target: "/run/a", type: "tmpfs" });
  expect(() => system.removeFile("/missing")).toThrow("/missing: No such file or directory");
  expect(journal).toEqual([
    { name: "makeDirectory", arguments: ["/run/a", 0o700] },
    { name: "mount", arguments: [{ source: "none", target: "/run/a", type: "tmpfs" }] },
    { name: "removeFile", arguments: ["/missing"] },
  ]);
});

test("createMemory() lets the calls fail that a fault names, as often as it says", () => {
  const disks = [{ name: "vda", content: image({ type: "ext4" }) }];
  const faults = [{ call: "mount", naming: "/dev/vda", errno: "EUCLEAN", times: 1 } as const];
  const { system } = createMemory({ disks, faults });
  const request = { source: "/dev/vda", target: "/run", type: "ext4" };
  let errno: string | undefined;
  try {
    system.mount(request);
  } catch (error) {
    errno = errnoOf(error);
  }
  expect(errno).toBe("EUCLEAN");
  system.mount(request);
  expect(system.mounts().at(-1)?.source).toBe("/dev/vda");
});

test("createMemory() shows disks and partitions in /dev and /sys", () => {
  const content = assembledContent(64 << 20, [
    { offset: 1 << 20, content: image({ type: "ext4", tree: { file: "x" }, bytes: 8 << 20 }) },
  ]);
  const partitions = [{ number: 1, offset: 1 << 20, bytes: 8 << 20 }];
  const { system } = createMemory({
    disks: [
      {
        name: "sda",
        place: "pci0000:00/usb1/1-1",
        content,
        partitions,
        sys: { "device/model": "Stick\n" },
      },
    ],
  });
  expect(system.list("/sys/class/block")).toEqual(["sda", "sda1"]);
  expect(system.resolve("/sys/class/block/sda1")).toBe(
    "/sys/devices/pci0000:00/usb1/1-1/block/sda/sda1",
  );
  expect(system.readText("/sys/class/block/sda1/size")).toBe("16384\n");
  expect(system.readText("/sys/class/block/sda/device/model")).toBe("Stick\n");
  system.mount({ source: "/dev/sda1", target: "/run", type: "ext4" });
  expect(system.readText("/run/file")).toBe("x");
});

test("waitForDevices() lets time pass until a disk comes", () => {
  const { system } = createMemory({
    disks: [{ name: "sda", content: image({ type: "ext4" }), comesAtMs: 3500 }],
  });
  expect([system.waitForDevices(1000), system.status("/dev/sda")]).toEqual([false, undefined]);
  expect([system.waitForDevices(10_000), system.status("/dev/sda")?.kind]).toEqual([true, "block"]);
  expect(system.uptimeMs()).toBe(3500);
});

test("createMemory() begins as an initramfs does when told so", () => {
  const { system } = createMemory({ isBooted: false, proc: { cmdline: "quiet\n" }, types: [] });
  expect(system.list("/proc")).toEqual([]);
  system.mount({ source: "proc", target: "/proc", type: "proc" });
  expect(system.readText("/proc/cmdline")).toBe("quiet\n");
  expect(() => system.handOver("/run/root", ["/sbin/init"])).toThrow(HandedOver);
});
