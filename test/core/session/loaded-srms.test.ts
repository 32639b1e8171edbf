// Which modules of SystemRescue become layers, and what is said of the others.
import { describe, expect, test } from "vitest";
import type { Layout } from "../../../src/core/medium/layout.ts";
import type { Srm } from "../../../src/core/medium/srm.ts";
import {
  describeLeftOutSrms,
  listBaseModules,
  listLoadedSrms,
  type SrmFacts,
} from "../../../src/core/session/loaded-srms.ts";
import type { LiveRoot } from "../../../src/core/takeover/live-root.ts";
import { device, medium, optionsOf } from "../../support/devices.ts";

const directory = "sysresccd";
const a: Srm = { path: `${directory}/a.srm`, type: "squashfs", fingerprint: "squashfs-a" };
const b: Srm = { path: `${directory}/b.srm`, fault: "it is ext4" };
const c: Srm = { path: `${directory}/c.srm`, type: "erofs", fingerprint: undefined };
const refused = { path: a.path, message: 'Cannot mount the module "a"' };
const debian: Layout = { name: "debian", image: "live/filesystem.squashfs", nested: [] };
const unknown: Layout = { name: "unknown", image: "BASE", nested: [] };

interface Given {
  readonly commandLine?: string;
  readonly srms?: readonly Srm[];
  readonly layout?: Layout;
  readonly refusedSrms?: SrmFacts["refusedSrms"];
  readonly layers?: readonly string[];
}

function facts({ commandLine = "loadsrm", srms = [a, b, c], layout, ...more }: Given): SrmFacts {
  const { layers, refusedSrms = [] } = more;
  const live: LiveRoot | undefined = layers && {
    root: "/new_root",
    family: "archiso",
    layers,
    upper: "/run/archiso/cowspace/upperdir",
    traces: { metacopy: false, redirect: false, incomplete: false },
    unnamed: [],
    medium: undefined,
  };
  const on = medium(device("/dev/sda"), { srms, ...(layout && { layout }) });
  return { options: optionsOf(commandLine), medium: on, refusedSrms, live };
}

const base = "/run/archiso/sfs/airootfs";
const isLeftOut = "; the session goes on without it";
const cases: readonly {
  readonly is: string;
  readonly given: Given;
  /** The modules and their places. */
  readonly loaded: readonly string[];
  /** The names in the identity of the base. */
  readonly named: readonly string[];
  readonly told: readonly string[];
}[] = [
  { is: "none that nobody asked for", given: { commandLine: "" }, loaded: [], named: [], told: [] },
  {
    is: "those that can be mounted, the first on top",
    given: {},
    loaded: ["a.srm srm1", "c.srm srm2"],
    named: ["a.srm", "c.srm"],
    told: [`Cannot load the module "sysresccd/b.srm": it is ext4${isLeftOut}`],
  },
  {
    is: "those that could be mounted, numbered without gaps",
    given: { refusedSrms: [refused], srms: [a, c] },
    loaded: ["c.srm srm1"],
    named: ["c.srm"],
    told: [`Cannot mount the module "a"${isLeftOut}`],
  },
  {
    is: "none of a medium that has none, which is said",
    given: { srms: [] },
    loaded: [],
    named: [],
    told: ['Cannot load modules (loadsrm): there is no "*.srm" in "sysresccd" on the medium'],
  },
  {
    is: "none of another distribution's medium, which is said",
    given: { srms: [], layout: debian },
    loaded: [],
    named: [],
    told: ["Cannot load modules (loadsrm): only media of SystemRescue have them"],
  },
  {
    is: "none of a medium that was not inspected",
    given: { srms: [], layout: unknown },
    loaded: [],
    named: [],
    told: [],
  },
  {
    is: "none again that another initramfs has mounted",
    given: { layers: ["/run/archiso/sfs/srm1", base] },
    loaded: [],
    named: ["a.srm", "c.srm"],
    told: [],
  },
  {
    is: "none where another initramfs has mounted none",
    given: { layers: [base] },
    loaded: [],
    named: [],
    told: [],
  },
];

describe("listLoadedSrms(), listBaseModules() and describeLeftOutSrms()", () => {
  for (const { is, given, loaded, named, told } of cases)
    test(`a session has ${is}`, () => {
      const known = facts(given);
      const shown = listLoadedSrms(known).map(({ path, place }) =>
        [path, place].map((text) => text.replace(/^.*\//, "")).join(" "),
      );
      expect(shown).toEqual(loaded);
      expect(listBaseModules(known).map(({ name }) => name)).toEqual(named);
      expect(describeLeftOutSrms(known)).toEqual(told);
    });
});
