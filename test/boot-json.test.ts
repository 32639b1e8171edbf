// docs/boot-json.md names every key that explain() and a boot's verdict write, and no other.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tellVerdict } from "../src/boot/verdict.ts";
import { chooseRequest } from "../src/core/choosing/store-request.ts";
import type { Device } from "../src/core/devices/device.ts";
import { type Medium, unknownMedium } from "../src/core/medium/medium.ts";
import type { Options } from "../src/core/options/options.ts";
import { readOptions } from "../src/core/options/read-options.ts";
import { explain } from "../src/core/session/explanation.ts";
import { places } from "../src/core/session/places.ts";
import { planCopy } from "../src/core/session/plan-copy.ts";
import { planLeftAlone } from "../src/core/session/plan-left-alone.ts";
import { planSession } from "../src/core/session/plan-session.ts";
import { planVerification } from "../src/core/session/plan-verification.ts";
import type { SessionFacts } from "../src/core/session/session.ts";
import type { StoreFinding } from "../src/core/stores/found-store.ts";
import { newStoreSettings } from "../src/core/stores/overlay-settings.ts";
import { formatNewRecord } from "../src/core/stores/store-record.ts";
import type { LeftAlone, LiveRoot } from "../src/core/takeover/live-root.ts";
import { learnStore } from "../src/system/stores/learn-store.ts";
import { hostWith } from "./support/devices.ts";
import { createMemory } from "./support/memory.ts";

const disk: Device = {
  path: "/dev/sda",
  bytes: 1 << 30,
  disk: undefined,
  partition: undefined,
  partUuid: undefined,
  partLabel: undefined,
  removable: true,
  optical: false,
  model: undefined,
  serial: undefined,
  superblock: { type: "ext4", label: "data", uuid: undefined, bytes: undefined, unclean: [] },
  problem: undefined,
};
const used = {
  exists: true,
  obstacle: undefined,
  names: ["upperdir", "workdir", "backstore.json"],
  record: formatNewRecord({
    id: "1",
    settings: newStoreSettings,
    created: "2024-01-31T00:00:00Z",
    version: "0",
    use: {
      base: {
        label: "LIVE",
        image: "base.sfs",
        release: "1",
        fingerprint: "squashfs-1",
        modules: [{ name: "tools.srm", fingerprint: "squashfs-2" }],
      },
      session: { boot: "a", machine: "m", started: "2024-01-31T00:00:00Z" },
    },
  }),
  traces: undefined,
};

const withModule: Medium = {
  ...unknownMedium(disk),
  srms: [{ path: "tools.srm", type: "squashfs", fingerprint: "squashfs-2" }],
};

const live: LiveRoot = {
  root: "/root",
  family: "live-boot",
  layers: ["/run/live/rootfs/module.squashfs", "/run/live/rootfs/filesystem.squashfs"],
  upper: "/run/live/overlay/rw",
  unnamed: [],
  kept: [{ path: "/home", device: "/dev/sdb2" }],
  traces: { metacopy: false, redirect: false, incomplete: false },
  medium: undefined,
};

/** Explains a boot with one disk labelled "data" and a YAML file with a misspelt key. */
function explainWith(commandLine: string, isMediumKnown: boolean) {
  const { options, problems } = readOptions({
    defaults: undefined,
    yaml: [{ file: "100-typo.yaml", text: "global:\n    cow_lable: data\n" }],
    commandLine,
  });
  const { candidates, finding } = learnStore({
    request: chooseRequest(options),
    devices: [disk],
    options,
    medium: disk,
    machine: "x86_64",
    looks: {
      directory: (_, [directory = ""]) => ({ ...used, directory }),
      host: () => hostWith(),
    },
  });
  const facts = factsWith(options, finding);
  return explain({
    options,
    problems,
    candidates,
    copy: planCopy({ ...facts, availableBytes: undefined }),
    verification: planVerification(facts),
    plan: planSession(facts),
    medium: isMediumKnown ? withModule : { reason: "it is not known" },
    live: isMediumKnown ? live : undefined,
    chosenBy: isMediumKnown ? "person" : undefined,
  });
}

/** Explains that a root is left as it is. */
function explainLeftAlone() {
  const { options } = readOptions({ defaults: undefined, yaml: [], commandLine: "" });
  const left: LeftAlone = {
    ...{ root: "/root", family: "casper", kind: "not-overlay", reason: "aufs", changes: "unknown" },
  };
  const plan = planLeftAlone(options, left);
  const medium = { reason: "it was not looked for" };
  return explain({ options, problems: [], candidates: [], plan, medium, live: left });
}

function factsWith(options: Options, store: StoreFinding): SessionFacts {
  return {
    options,
    medium: { ...unknownMedium(disk), layout: { name: "archiso", image: "BASE", nested: [] } },
    devices: [disk],
    store,
    isCopied: false,
    overlayParameters: ["index", "metacopy", "xino_auto", "redirect_dir"],
    record: { id: "1", version: "0", boot: "b", machine: "m", started: "2024-01-31T00:00:00Z" },
  };
}

/** What a boot writes to boot.json, with a root mounted and a step that failed. */
function writeBootJson(): object {
  const { system } = createMemory({ proc: { "self/status": "VmHWM:\t2000 kB\n" } });
  system.makeDirectory("/sysroot");
  system.mount({ source: "none", target: "/sysroot", type: "tmpfs" });
  for (const path of ["/run/initramfs", "/run/initramfs/backstore", places.store, places.memory])
    system.makeDirectory(path);
  for (const target of [places.store, places.memory])
    system.mount({ source: "none", target, type: "tmpfs" });
  tellVerdict(system, {
    version: "0",
    explanation: {
      ...explainWith("cow_label=data", true),
      check: { result: "repaired", tool: "e2fsck", says: "FIXED" },
    },
    failures: [{ plan: "Run", step: "mount", message: "Cannot mount", hint: "see why: dmesg" }],
    baseFailures: [],
    modules: ["the kernel refused the module"],
    times: { started: 1, medium: 2, store: 3, mounted: 4 },
  });
  return JSON.parse(system.readText("/run/backstore/boot.json"));
}

/**
 * Returns the path of every key below a value, including those of undefined values, as the document
 * writes it.
 */
function keysOf(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((element) => keysOf(element, `${path}[]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const key = nameKey(path === "" ? name : `${path}.${name}`);
    return key === undefined ? [] : [key, ...keysOf(inner, key)];
  });
}

// A step's arguments are described by its kind; a plan's fallback is a plan; two values are
// described as forms.
function nameKey(path: string): string | undefined {
  if (/^(copy|verification)\./.test(path) && !/^\w+\.(title|steps)$/.test(path)) return undefined;
  if (/^plan\.otherwise\./.test(path)) return undefined;
  if (/^plan\.steps\[\]\./.test(path) && !/\.(do|description|optional)$/.test(path))
    return undefined;
  const [, option = "", rest = ""] = /^options\.([^.]+)\.?(.*)$/.exec(path) ?? [];
  if (option === "" || option === "refused" || option === "*") {
    return /^options\.\*\.(?:value|origin)\./.test(path) ? undefined : path;
  }
  return rest === "" ? "options.*" : path;
}

function documentedKeys(): string[] {
  const text = readFileSync(join(import.meta.dirname, "../docs/boot-json.md"), "utf8");
  return [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, key = ""]) => key);
}

test("docs/boot-json.md names the keys that explain() and tellVerdict() write", () => {
  const objects = [
    explainWith("cow_label=data copytoram loadsrm checksum", true),
    explainWith("cow_label=missing backstore=wait=1", false),
    explainWith("", true),
    explainLeftAlone(),
    writeBootJson(),
  ];
  const written = new Set(objects.flatMap((object) => keysOf(object)));
  const { backstore } = explainWith("", true).options;
  for (const name of Object.keys(backstore.value)) written.add(`options.backstore.value.${name}`);
  expect([...written].sort()).toEqual(documentedKeys().sort());
});
