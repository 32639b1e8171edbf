import { describe, expect, test } from "vitest";
import {
  listOffers,
  listPaths,
  type OfferLooks,
  optionsFor,
} from "../../../src/core/choosing/offered-stores.ts";
import { chooseRequest } from "../../../src/core/choosing/store-request.ts";
import type { Device } from "../../../src/core/devices/device.ts";
import type { FoundStore } from "../../../src/core/stores/found-store.ts";
import type { HostFacts } from "../../../src/core/stores/host-offer.ts";
import type { DirectoryFacts } from "../../../src/core/stores/store-directory.ts";
import {
  device,
  directoryFacts,
  found,
  foundFile,
  hostFacts,
  hostWith,
  hostWithout,
  optionsOf,
  partition,
} from "../../support/devices.ts";

const usual = "persistent_RESCUE1100/x86_64";
const used = directoryFacts({ names: ["upperdir", "workdir"] });
const nothing = directoryFacts();

interface Seen {
  /** The store's directory on each device; a missing device could not be inspected. */
  readonly directories?: Readonly<Record<string, DirectoryFacts>>;
  /** What is at a path on a host, as "/dev/sdb1 /sysrcd.bs". */
  readonly hosts?: Readonly<Record<string, HostFacts>>;
}

function looksOf({ directories = {}, hosts = {} }: Seen): OfferLooks {
  return {
    directory: ({ path }, names) => directories[names ? `${path} ${names.join()}` : path],
    host: ({ path }, file) => hosts[`${path} ${file}`] ?? hostFacts(),
  };
}

const stick = partition("/dev/sdb", 1, { type: "ext4", label: "data", uuid: "1", removable: true });
const disk = device("/dev/sda", { type: "ext4", label: "root", uuid: "2" });
const clone = partition("/dev/sdc", 1, { type: "ext4", label: "data", uuid: "1" });
const host = device("/dev/sdd", { type: "vfat", label: "HOST", uuid: "3" });

interface Case {
  readonly is: string;
  readonly commandLine?: string;
  readonly devices: readonly Device[];
  readonly seen: Seen;
  readonly taken?: FoundStore;
  /** "DEVICE PATH", with " (new)" if it is empty. */
  readonly offers: readonly string[];
}

const older = "persistent_RESCUE904/x86_64";
const cases: readonly Case[] = [
  {
    is: "nothing where no store was seen",
    devices: [stick, disk, host],
    seen: { directories: { "/dev/sdb1": nothing, "/dev/sda": nothing } },
    offers: [],
  },
  {
    is: "an empty place only where the options lead to it",
    commandLine: "cow_label=data",
    devices: [disk, stick],
    seen: { directories: { "/dev/sdb1": nothing, "/dev/sda": nothing } },
    offers: [`/dev/sdb1 ${usual} (new)`],
  },
  {
    is: "what the options lead to before all else",
    commandLine: "cow_label=data",
    devices: [disk, host, stick],
    seen: {
      directories: { "/dev/sdb1": used, "/dev/sda": used },
      hosts: { "/dev/sdd /sysrcd.bs": hostWith() },
    },
    offers: [`/dev/sdb1 ${usual}`, `/dev/sda ${usual}`, "/dev/sdd /sysrcd.bs (new)"],
  },
  {
    is: "a file before directories where a file is looked for, on any device",
    commandLine: "backstore=LABEL=HOST",
    devices: [disk, host],
    seen: {
      directories: { "/dev/sda": used },
      hosts: {
        "/dev/sda /sysrcd.bs": hostWith({}, { names: ["upperdir"] }),
        "/dev/sdd /sysrcd.bs": hostWith(),
      },
    },
    offers: ["/dev/sdd /sysrcd.bs (new)", "/dev/sda /sysrcd.bs", `/dev/sda ${usual}`],
  },
  {
    is: "the file that was asked for and the usual one",
    commandLine: "backstore=/my.bs",
    devices: [host],
    seen: {
      hosts: { "/dev/sdd /my.bs": hostWith({ path: "/my.bs" }), "/dev/sdd /sysrcd.bs": hostWith() },
    },
    offers: ["/dev/sdd /my.bs (new)", "/dev/sdd /sysrcd.bs (new)"],
  },
  {
    is: "both of two that are copies of each other",
    commandLine: "cow_label=data",
    devices: [stick, clone],
    seen: { directories: { "/dev/sdb1": used, "/dev/sdc1": used } },
    offers: [`/dev/sdb1 ${usual}`, `/dev/sdc1 ${usual}`],
  },
  {
    is: "what boots of other media have left beside an empty place",
    commandLine: "cow_label=data",
    devices: [stick],
    seen: {
      directories: {
        "/dev/sdb1": { ...nothing, others: [older] },
        [`/dev/sdb1 ${older}`]: { ...used, directory: older },
      },
    },
    offers: [`/dev/sdb1 ${usual} (new)`, `/dev/sdb1 ${older}`],
  },
  {
    is: "nothing of what is no store or could not be looked into",
    commandLine: "cow_label=data",
    devices: [
      stick,
      clone,
      host,
      device("/dev/sde", { type: "crypto_LUKS", label: "data" }),
      device("/dev/sdf", { type: "ext4", label: "data", problem: "it cannot be read" }),
    ],
    seen: {
      directories: { "/dev/sdb1": directoryFacts({ names: [".wh..wh.aufs"] }), "/dev/sdf": used },
      hosts: {
        "/dev/sdd /sysrcd.bs": hostWith({ type: null }),
        "/dev/sdb1 /sysrcd.bs": hostFacts({ obstacle: "this kernel has no driver for it" }),
        "/dev/sdc1 /sysrcd.bs": hostWithout({ kind: "none", reason: "it is a directory" }),
      },
    },
    offers: [],
  },
  {
    is: "what would be taken, even where nothing else was seen of it",
    devices: [stick],
    seen: {},
    taken: foundFile(stick),
    offers: ["/dev/sdb1 /sysrcd.bs (new)"],
  },
  {
    is: "what would be taken only once",
    commandLine: "cow_label=data",
    devices: [stick],
    seen: { directories: { "/dev/sdb1": used } },
    taken: found(stick, used),
    offers: [`/dev/sdb1 ${usual}`],
  },
];

describe("listOffers()", () => {
  for (const { is, commandLine = "", devices, seen, taken, offers } of cases) {
    test(`listOffers() offers ${is}`, () => {
      const options = optionsOf(commandLine);
      const listed = listOffers(devices, { options, looks: looksOf(seen), taken });
      const told = listed.map(({ found: { device: on, file, directory }, isNew }) =>
        [on.path, file?.path ?? directory.directory, ...(isNew ? ["(new)"] : [])].join(" "),
      );
      expect(told).toEqual(offers);
    });
  }
});

test("listPaths() gives the file that is asked for, and the usual one once", () => {
  const paths = ["backstore=/my.bs", "backstore=/sysrcd.bs", "cow_label=x", "backstore=off"].map(
    (commandLine) => listPaths(chooseRequest(optionsOf(commandLine))),
  );
  expect(paths).toEqual([["/my.bs", "/sysrcd.bs"], ["/sysrcd.bs"], ["/sysrcd.bs"], ["/sysrcd.bs"]]);
});

describe("optionsFor()", () => {
  const given = [
    "",
    "cow_label=other cow_directory=/elsewhere",
    "cow_device=UUID=7 backstore=alldev,/x.bs",
    "backstore=LABEL=other,/x.bs,readonly",
    "cow_directory=../x",
  ];
  for (const commandLine of given) {
    test(`optionsFor() leads to the store alone, whatever is said ("${commandLine}")`, () => {
      const options = optionsOf(commandLine);
      const reference = { kind: "path", path: "/dev/sdb1" };
      const toDirectory = optionsFor(options, found(stick, used));
      expect(chooseRequest(toDirectory)).toEqual({ reference });
      expect(toDirectory.cow_directory.value).toBe(usual);
      expect(chooseRequest(optionsFor(options, foundFile(stick, { path: "/y.bs" })))).toEqual({
        file: { path: "/y.bs", alldev: false, device: reference, isExplicit: true, isAsked: true },
      });
    });
  }

  test("optionsFor() keeps how a store is to be used", () => {
    const options = optionsOf("backstore=readonly,required,wait=7 cow_flags=noatime");
    const chosen = optionsFor(options, found(stick, used));
    expect(chosen.backstore.value).toMatchObject({
      readonly: true,
      required: true,
      waitSeconds: 7,
    });
    expect(chosen.cow_flags.value).toBe("noatime");
  });
});
