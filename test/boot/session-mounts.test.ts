// What an ordinary user of a session can reach of its store, host and medium: nothing.
import { describe, expect, test } from "vitest";
import { ext4 } from "../support/call.ts";
import { file, type Tree } from "../support/memory/entry.ts";
import { start, stick } from "./start.ts";

const used: Tree = { upperdir: { etc: { motd: "changed\n" } }, workdir: {} };

function storeFile() {
  const content = ext4("inner", used);
  return file({ ...content, allocated: content.length });
}

const machines = [
  [
    "a file store on the medium",
    "",
    [stick({ "sysrcd.bs": storeFile() })],
    ["base", "host", "medium", "store"],
  ],
  [
    "a file store on a disk of its own",
    "backstore=alldev",
    [stick(), { name: "sdb", content: ext4("host", { "sysrcd.bs": storeFile() }) }],
    ["base", "host", "medium", "store"],
  ],
  [
    "a directory store",
    "cow_label=kept",
    [stick(), { name: "sdb", content: ext4("kept", { persistent_RESCUE1100: { x86_64: used } }) }],
    ["base", "medium", "store"],
  ],
  ["no store", "backstore=off", [stick()], ["base", "medium", "memory"]],
] as const;

describe("the mounts of a session", () => {
  for (const [title, cmdline, disks, names] of machines) {
    test(`with ${title} are below a directory that only root enters, and give no rights`, () => {
      const { ending, sessionMode, sessionMounts, system } = start(cmdline, { disks });
      expect([ending, sessionMode]).toEqual(["/sbin/init quiet", 0o700]);
      expect(Object.keys(sessionMounts).sort()).toEqual(names);
      const rules = system.readText("/sysroot/run/udev/rules.d/90-backstore.rules");
      const left = names.filter((name) => name !== "medium" && name !== "memory");
      expect(rules.match(/^SUBSYSTEM=/gm)?.length).toBe(left.length);
      for (const [name, options] of Object.entries(sessionMounts)) {
        // The base is the system itself, and nobody but its maker writes to it.
        const closed = name === "base" ? [] : ["nosuid", "nodev"];
        const noNames = name === "host" ? ["noexec", "nosymfollow"] : [];
        expect([name, ...options.split(",")]).toEqual(
          expect.arrayContaining([name, ...closed, ...noNames]),
        );
      }
    });
  }
});
