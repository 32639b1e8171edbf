// Boots in memory of a base with SystemRescue's program for its effective configuration: what that
// sees and may do, what is there afterwards, and what is said if it fails.
import { describe, expect, test } from "vitest";
import { file, type Tree } from "../support/memory/entry.ts";
import type { Machine, Program } from "../support/memory.ts";
import { type Booted, start, stick } from "./start.ts";

const path = "/usr/bin/sysrescue-configuration.lua";
const output = "/run/archiso/config/sysrescue-effective-config.json";
const inBase = { [path.slice(1)]: file("#!/usr/bin/env lua\n", 0o755) };
const yaml = {
  "sysrescue.d/100.yaml": "global:\n  dostartx: true\n",
  "sysrescue.d/lab/one": "global:\n  cow_spacesize: 2M\n",
  "two.yaml": "global:\n  cow_spacesize: 3M\n",
};

interface Given {
  readonly cmdline?: string;
  readonly program: Program;
  readonly base?: Tree;
  readonly machine?: Partial<Machine>;
}

/** A boot, and what is in the configuration's directory at its end. */
interface Configured {
  readonly booted: Booted;
  readonly text: string | undefined;
  readonly modes: readonly (number | undefined)[];
  readonly messages: readonly string[];
}

function configure({ cmdline = "", program, base = inBase, machine = {} }: Given): Configured {
  const booted = start(cmdline, {
    disks: [stick(yaml, base)],
    programs: { [path]: program },
    ...machine,
  });
  const { system } = booted;
  const at = `/sysroot${output}`;
  return {
    booted,
    text: system.status(at) === undefined ? undefined : system.readText(at),
    modes: [system.status("/sysroot/run/archiso/config")?.mode, system.status(at)?.mode],
    messages: (booted.verdict.problems ?? []).map((one) =>
      "message" in one ? String(one.message) : "",
    ),
  };
}

/** Writes a file as the program does. */
function writing(text: string, ended: ReturnType<Program> = {}): Program {
  return ({ system, root }) => {
    system.writeFile(`${root}${output}`, text);
    return ended;
  };
}

const json = '{ "global": { "dostartx": true } }';

describe("boot()", () => {
  test("boot() writes SystemRescue's configuration where only root reads it", () => {
    const { booted, text, modes, messages } = configure({ program: writing(json) });
    expect([text, modes, messages]).toEqual([json, [0o700, 0o600], []]);
    expect(booted.ending).toBe("/sbin/init quiet");
    expect(booted.mounts.map(([target]) => target).join()).not.toContain("configuring");
  });

  test("boot() gives that program the medium's files and a command line without the network", () => {
    const seen: Record<string, string> = {};
    const medium = "/run/archiso/bootmnt";
    const names = ["sysrescue.d/100.yaml", "sysrescue.d/lab/one", "two.yaml"];
    const { messages, booted } = configure({
      cmdline: `quiet sysrescuecfg=https://host/a.yaml sysrescuecfg=lab/one sysrescuecfg=${medium}/two.yaml dovnc=y`,
      program: (call) => {
        const { system, root } = call;
        for (const name of ["/proc/cmdline", ...names.map((one) => `${medium}/${one}`)])
          seen[name] = system.readText(`${root}${name}`);
        return writing(json)(call);
      },
    });
    expect(seen).toEqual({
      "/proc/cmdline": `quiet sysrescuecfg=lab/one sysrescuecfg=${medium}/two.yaml dovnc=y\n`,
      ...Object.fromEntries(
        names.map((name) => [`${medium}/${name}`, yaml[name as keyof typeof yaml]]),
      ),
    });
    expect(messages).toEqual([
      "Cannot read the file: it is on a network, which this initramfs does not have; use the add-on with the distribution's own initramfs (backstore-addon(7))",
    ]);
    expect(booted.verdict.problems).toMatchObject([{ file: "https://host/a.yaml" }]);
    // The last one wins.
    expect(booted.verdict).toMatchObject({
      options: {
        cow_spacesize: {
          value: { bytes: 3 * 2 ** 20 },
          origin: { file: `${medium}/two.yaml`, line: 2 },
        },
      },
    });
  });

  const says = {
    stdout: "rootpass: secret\n",
    stderr: "\nFailed parsing yaml\nFAILURE\n",
    status: 1,
  };
  const cases: readonly {
    readonly is: string;
    readonly given: Given;
    readonly text?: string;
    readonly message?: RegExp;
  }[] = [
    {
      is: "nothing for a base without the program",
      given: { base: {}, program: writing(json) },
    },
    {
      is: "nothing for a base in which it is no program",
      given: { base: { [path.slice(1)]: file("", 0o644) }, program: writing(json) },
    },
    {
      is: "what there is of a configuration that is incomplete",
      given: { program: writing(json, says) },
      text: json,
      message:
        /^The configuration of SystemRescue is incomplete: ".*\.lua" says "Failed parsing yaml" \(status 1\)$/,
    },
    {
      is: "nothing where the program fails",
      given: { program: () => ({ status: 3 }) },
      message:
        /^The configuration of SystemRescue is missing, and its units will fail: ".*\.lua" \(status 3\)$/,
    },
    {
      is: "nothing where the program writes nothing",
      given: { program: () => ({}) },
      message: /is missing, and its units will fail: ".*\.lua" \(status 0\)$/,
    },
    {
      is: "nothing where the program does not end",
      given: { program: () => ({ takesMs: 3_600_000 }) },
      message: /is missing, and its units will fail: .* \(it did not end within 30 seconds\)$/,
    },
    {
      is: "nothing that is not JSON",
      given: { program: writing('{ "global": ') },
      message: /is missing/,
    },
    {
      is: "nothing that is far too large",
      given: { program: writing(`"${"x".repeat(2 << 20)}"`) },
      message: /is missing/,
    },
    {
      is: "nothing through a link",
      given: {
        program: ({ system, root }) => {
          system.makeLink(`${root}${output}`, "/etc/motd");
          return {};
        },
      },
      message: /is missing/,
    },
    {
      is: "nothing where its place cannot be made",
      given: {
        program: writing(json),
        machine: {
          faults: [
            { call: "mount", naming: "/run/initramfs/backstore/configuring", errno: "EINVAL" },
          ],
        },
      },
      message: /^Cannot write ".*\.json" with ".*\.lua" of ".*\/base", if that is there: /,
    },
  ];
  for (const { is, given, text, message } of cases)
    test(`boot() writes ${is}`, () => {
      const configured = configure(given);
      expect(configured.booted.ending).toBe("/sbin/init quiet");
      expect(configured.text).toBe(text);
      expect(configured.messages).toEqual(
        message === undefined ? [] : [expect.stringMatching(message)],
      );
      expect(JSON.stringify(configured.booted.verdict)).not.toContain("secret");
    });
});
