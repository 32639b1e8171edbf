// What "backstore status" and a login report about real sessions: as they were booted, and after
// their store has stopped writing or was unplugged.

import { host, usedHost } from "../file-scenario.ts";
import { defaultDirectory, medium, type Scenario, store } from "../scenario.ts";

/** The place of the program for the end of the session; the tiny system has no other copy. */
const program = "/run/initramfs/shutdown";
const status = `say_done status ${program} status; say_done short ${program} status --short`;
const logins = "say_files /run/motd.d/backstore /run/issue.d/backstore.issue";

export const statuses: readonly Scenario[] = [
  {
    name: "status-file",
    title:
      "the status of a file store is persistent, for everybody, until its file system stops writing",
    disks: (place) => [medium(place), host(place)],
    cmdline: "backstore=alldev",
    boots: [
      {
        actions: `${status}; ${logins}
echo nobody:x:65534:65534::/:/bin/sh > /etc/passwd
say_done nobody su nobody -c "${program} status"
mkdir /jail; mount -t tmpfs none /jail; mkdir /jail/proc /jail/run
mount --rbind /run /jail/run; mount -t proc none /jail/proc
say_done jail chroot /jail ${program} status
for trigger in /sys/fs/ext4/*/trigger_fs_error; do echo test > $trigger; done
say_done error ${program} status
mount -o remount,errors=remount-ro /run/initramfs/backstore/store
for trigger in /sys/fs/ext4/*/trigger_fs_error; do echo test > $trigger; done
say_done write touch /new
say_done stopped ${program} status`,
        expect: {
          session: "persistent",
          store: "store",
          file: "/sysrcd.bs",
          directory: "",
          files: {
            "/run/motd.d/backstore":
              'backstore: persistent: every change is kept in "/sysrcd.bs" on <store> (ext4 in 16.0 MiB, on vfat)\n',
            "/run/issue.d/backstore.issue":
              'backstore: persistent: every change is kept in "/sysrcd.bs" on <store> (ext4 in 16.0 MiB, on vfat)\n',
          },
          facts: {
            "done status":
              /^persistent: every change is kept\n {2}store +"\/sysrcd\.bs" on <store> [\s\S]* room +[\d.]+ MiB free of [\d.]+ MiB [\s\S]*\nstatus 0$/m,
            "done short": /^persistent\nstatus 0$/m,
            "done nobody": /^persistent: every change is kept\n[\s\S]*\nstatus 0$/m,
            "done jail": /^unknown: [\s\S]*the root directory here is not an overlay\nstatus 9$/m,
            "done error":
              /^persistent: [\s\S]*"\/run\/backstore\/store" \(ext4\) has had 1 error, the last at 20.* and should be checked\nstatus 0$/m,
            "done write": /(Read-only file system|Input\/output error)\nstatus 1$/m,
            "done stopped":
              /^read-only: [\s\S]*Nothing can be written to the store any more: .*store" \(ext4\) has become read-only after \d errors, the last at 20[\s\S]*\nstatus 9$/m,
          },
        },
      },
    ],
  },
  {
    name: "status-readonly",
    title:
      "the status is read-only, and never persistent while changes are in memory, whatever is claimed",
    both: true,
    disks: (place) => [medium(place), usedHost(place)],
    cmdline: "backstore=alldev,readonly",
    writes: [],
    boots: [
      {
        actions: `${status}; ${logins}
sed -i 's/"session": "readonly"/"session": "persistent"/' /run/backstore/boot.json
grep -c '"session": "persistent"' /run/backstore/boot.json | say changed
say_done forged ${program} status; say_done forged-short ${program} status --short`,
        expect: {
          session: "readonly",
          store: "store",
          file: "/sysrcd.bs",
          files: {
            "/run/motd.d/backstore":
              'backstore: READ-ONLY: new changes are lost at power-off; the store "/sysrcd.bs" on <store> (ext4 in 16.0 MiB, on vfat) is used read-only\n  backstore=readonly is set\n',
          },
          facts: {
            "done status": /^read-only: [\s\S]*\nstatus 9$/m,
            "done short": /^read-only\nstatus 9$/m,
            "changed ": /^1$/m,
            "done forged":
              /^volatile: [\s\S]*Changes are in memory: "\/run\/backstore\/memory\/upperdir" is on tmpfs[\s\S]*\nstatus 9$/m,
            "done forged-short": /^volatile\nstatus 9$/m,
          },
        },
      },
    ],
  },
  {
    name: "status-pulled",
    title: "the status is volatile when the stick with the store was pulled out",
    disks: (place) => [medium(place), { ...store(place), bus: "usb" }],
    cmdline: "cow_label=store",
    boots: [
      {
        actions: `${status}
echo "pull the stick now" > /dev/console
tries=0; while [ -e <store> ] && [ $tries -lt 200 ]; do sleep 0.1; tries=$((tries + 1)); done
say_done pulled ${program} status`,
        hands: [{ when: /pull the stick now/, pulls: "store" }],
        expect: {
          session: "persistent",
          store: "store",
          directory: defaultDirectory,
          facts: {
            "done status": /^persistent: /,
            "done pulled": /^volatile: [\s\S]*"<store>" has disappeared[\s\S]*\nstatus 9$/m,
          },
        },
      },
    ],
  },
  {
    name: "status-volatile",
    title:
      "the status and a login say that changes are in memory, loudly when a store was asked for",
    disks: (place) => [medium(place)],
    writes: [],
    boots: [
      {
        cmdline: "backstore=off",
        actions: `${status}; ${logins}`,
        expect: {
          session: "volatile",
          files: {
            "/run/motd.d/backstore":
              "backstore: volatile: changes are in memory and lost at power-off\n  backstore=off asks for none\n",
          },
          facts: {
            "done status": /^volatile: [\s\S]*\nstatus 9$/m,
            "done short": /^volatile\nstatus 9/,
          },
        },
      },
      {
        cmdline: "cow_label=nowhere backstore=wait=1",
        actions: logins,
        expect: {
          session: "volatile",
          problems: [/nowhere/],
          facts: { "file /run/motd.d/backstore": /^backstore: VOLATILE: .*\n {2}.*"nowhere"\n$/ },
        },
      },
    ],
  },
];
