import { expect, test } from "vitest";
import { addonHooks, addonProgram } from "../../../src/core/initramfs/addon-contents.ts";
import {
  type Generator,
  identifyInitramfs,
} from "../../../src/core/takeover/identify-initramfs.ts";

/** What the files of an initramfs are, without those of the add-on. */
interface Given {
  readonly files: readonly string[];
  readonly link?: string;
  readonly text?: string;
}

/** Whatever the add-on contains is there in each of them. */
const added = [addonProgram, ...addonHooks.map(({ path }) => path)].flatMap((path) =>
  `/${path}`.split("/").map((_, index, names) => names.slice(0, index + 1).join("/")),
);

function identify({ files, link, text = "#!/bin/sh\n" }: Given): Generator {
  const there = new Set([...added, ...files]);
  return identifyInitramfs({
    isThere: (path) => there.has(path),
    initLink: link,
    initText: link === undefined ? text : "\u007fELF",
  });
}

const store = "/nix/store/x7m3-systemd-257/lib/systemd/systemd";
const cases: readonly (readonly [name: string, given: Given, expected: Generator])[] = [
  ["mkinitcpio", { files: ["/init", "/init_functions", "/config", "/buildconfig"] }, "mkinitcpio"],
  [
    "mkinitcpio with systemd in it, also where it has the functions of the other",
    {
      files: ["/init_functions", "/config", "/buildconfig", "/etc/initrd-release"],
      link: "usr/lib/systemd/systemd",
    },
    "mkinitcpio-systemd",
  ],
  ["initramfs-tools", { files: ["/conf/initramfs.conf", "/scripts/functions"] }, "initramfs-tools"],
  ["dracut", { files: ["/usr/lib/dracut-lib.sh", "/lib/dracut-lib.sh"] }, "dracut"],
  ["dracut, before /usr was merged", { files: ["/lib/dracut-lib.sh"] }, "dracut"],
  [
    "dracut with systemd in it",
    { files: ["/usr/lib/dracut-lib.sh"], link: "usr/lib/systemd/systemd" },
    "dracut",
  ],
  ["linux-live", { files: ["/lib/livekitlib", "/lib/config"] }, "linux-live"],
  ["MX", { files: ["/live/custom/MX/0.sh"] }, "mx"],
  ["antiX", { files: ["/live/custom/antiX/0.sh"] }, "mx"],
  ["NixOS", { files: ["/nix/store"], link: "/nix/store/q5-stage-1-init.sh" }, "nixos"],
  ["NixOS with systemd", { files: ["/nix/store", "/etc/initrd-release"], link: store }, "nixos"],
  ["Alpine", { files: ["/usr/sbin/nlplug-findfs"] }, "alpine"],
  ["Alpine, before /usr was merged", { files: ["/sbin/nlplug-findfs"] }, "alpine"],
  ["Puppy", { files: ["/DISTRO_SPECS"] }, "puppy"],
  ["liveslak", { files: [], text: '#!/bin/sh\n#\nLIVEMAIN="liveslak"\n' }, "liveslak"],
  ["our own", { files: ["/lib/backstore/modules.json"], text: "\u007fELF" }, "backstore"],
];
for (const [name, given, expected] of cases)
  test(`identifyInitramfs() knows ${name}`, () => expect(identify(given)).toBe(expected));

const strangers: readonly (readonly [name: string, given: Given])[] = [
  ["that has nothing but what the add-on brings", { files: [] }],
  ["with a /config of its own", { files: ["/config"] }],
  ["of systemd that no generator has left a sign in", { files: [], link: "/lib/systemd/systemd" }],
  ["that names liveslak in passing", { files: [], text: "# not like LIVEMAIN=\n" }],
];
for (const [name, given] of strangers)
  test(`identifyInitramfs() does not know one ${name}`, () =>
    expect(identify(given)).toBe("unknown"));
