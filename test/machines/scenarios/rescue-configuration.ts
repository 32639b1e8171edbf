// The effective configuration that SystemRescue's units read: made by a program of the base, which
// sees what it needs and can do nothing else.

import { rescueWithPrograms } from "../disks/layouts.ts";
import { writeMedium } from "../disks/media.ts";
import { defaultDirectory, type Place, type Scenario, store } from "../scenario.ts";

const path = "usr/bin/sysrescue-configuration.lua";
const output = "/run/archiso/config/sysrescue-effective-config.json";

/** Writes what it sees and tries as JSON, at the place and with the modes of the real one. */
const program = `#!/bin/sh
for path in /new /usr/new /dev/new /root/new; do
  (: > $path) 2>/dev/null && wrote="$wrote $path"
done
mount -t tmpfs none /mnt 2>/dev/null && wrote="$wrote mounts"
chroot / true 2>/dev/null && wrote="$wrote root"
cat > ${output} <<END
{ "user": "$(id -u)", "home": "$HOME", "wrote": "$wrote", "processes": "$(ls /proc)",
  "store": "$(ls /run)", "yaml": "$(cat /run/archiso/bootmnt/sysrescue.d/*.yaml /run/archiso/bootmnt/more/*.yaml 2>/dev/null | tr '\\n' ' ')",
  "cmdline": "$(tr '\\n' ' ' < /proc/cmdline)" }
END
chmod 700 /run/archiso/config
chmod 600 ${output}
echo rootpass=secret
grep -q fails /proc/cmdline || exit 0
echo "Failed parsing yaml, it will be ignored" >&2
exit 1
`;

const show = `
say_files ${output}
say_done modes stat -c '%a %u:%g' /run/archiso /run/archiso/config ${output}
say_done left grep -c configuring /proc/mounts`;

const kept = { session: "persistent", store: "store", directory: defaultDirectory } as const;

const more = "/run/archiso/bootmnt/more/lab.yaml";

function facts(cmdline: string, yaml: string) {
  return {
    "done modes": /^755 0:0\n700 0:0\n600 0:0\nstatus 0$/m,
    "done left": /^0\nstatus 1$/m,
    [`file ${output}`]: new RegExp(
      '^\\{ "user": "65533", "home": "", "wrote": "", "processes": "cmdline",\\n  "store": "archiso",' +
        ' "yaml": "--- global:     copytoram: false     loadsrm: false ' +
        `${yaml}",\\n` +
        `  "cmdline": ".* ${cmdline}.*" \\}$`,
      "m",
    ),
  };
}

export const rescueConfigurations: readonly Scenario[] = [
  {
    name: "configuration",
    title: "the base's own program makes SystemRescue's configuration, and can do nothing else",
    disks: (place) => [stick(place), store(place)],
    cmdline: "cow_label=store",
    boots: [
      { cmdline: "dostartx", actions: show, expect: { ...kept, facts: facts("dostartx", "") } },
      {
        cmdline: `fails copytoram sysrescuecfg=${more}`,
        actions: show,
        expect: {
          ...kept,
          problems: [
            /^The configuration of SystemRescue is incomplete: ".*\.lua" says "Failed parsing yaml, it will be ignored" \(status 1\)$/,
          ],
          facts: facts("fails", "global:     cow_spacesize: 30% "),
        },
      },
    ],
  },
];

function stick(place: Place) {
  const file = place.file("stick.img");
  const { tree, ...rest } = rescueWithPrograms({ [path]: program });
  const text = "global:\n    cow_spacesize: 30%\n";
  writeMedium(file, { ...rest, tree: { ...tree, "more/lab.yaml": text } });
  return { name: "stick", file };
}
