// xfs shows an access control list twice: as such, and as an attribute of its own. What is said of a
// store on it, or carried out of one, has the list once, whatever file system it comes to.
import { describe, expect, test } from "vitest";
import { scriptsOnDisks } from "./namespaces.ts";
import {
  copyProgram,
  isRoot,
  numberDirectories,
  rootNote,
  temporaryDirectory,
} from "./programs.ts";

const directory = temporaryDirectory();
const program = copyProgram(directory);
const runOnDisk = scriptsOnDisks(numberDirectories(directory), program);

/** Rights for user 9, as the kernel keeps them: u:9:rw. */
const access =
  "0x0200000001000600ffffffff020006000900000004000400ffffffff10000600ffffffff20000400ffffffff";

/** A store on xfs, in "xfs/store", whose base is on ext4. */
const makeStore = `
  mkdir -p xfs at base/etc work; echo one > base/etc/a; setfattr -n system.posix_acl_access -v ${access} base/etc/a
  truncate -s 300M ../xfs.disk; mkfs.xfs -q -f ../xfs.disk; mount -o loop ../xfs.disk xfs
  mkdir -p xfs/store/upperdir xfs/store/workdir
  over() { mount -t overlay -o "lowerdir=base,upperdir=$1/upperdir,workdir=$2,index=off,redirect_dir=nofollow" o at; }
  over xfs/store xfs/store/workdir; : >> at/etc/a; mkdir at/etc/new; echo two > at/etc/b
  for each in at/etc/b at/etc/new; do setfattr -n system.posix_acl_access -v ${access} $each; done
  setfattr -n system.posix_acl_default -v ${access} at/etc/new; setfattr -n trusted.mark -v m at/etc/b; umount at
  getfattr -d -m SGI -R --absolute-names xfs | grep -c SGI
  tell() { (cd $1; getfattr -h -d -m - -e hex etc/a etc/b etc/new | grep -v trusted.overlay); }`;

describe.skipIf(!isRoot)(`a store on xfs${rootNote}`, () => {
  const ways: readonly (readonly [way: string, script: string])[] = [
    ["tar", '"$2" export -q xfs/store a.tar; "$2" import -q a.tar to'],
    ["oci", '"$2" export -q xfs/store image; "$2" import -q image to'],
    ["copy", '"$2" copy -q xfs/store to'],
    [
      "GNU tar",
      `"$2" export -q xfs/store a.tar; mkdir -p to/upperdir
       tar -x -f a.tar -C to/upperdir --xattrs '--xattrs-include=*' --same-owner --preserve-permissions`,
    ],
    [
      "an archive of GNU tar",
      `tar -c -f a.tar -C xfs/store/upperdir --xattrs '--xattrs-exclude=trusted.overlay.*' .; "$2" import -q a.tar to`,
    ],
    [
      "live-boot",
      'mv xfs/store/upperdir xfs/store/rw; echo / union > xfs/store/persistence.conf; "$2" import -q xfs/store to',
    ],
    [
      "aufs",
      `rm -r xfs/store/workdir; : > xfs/store/upperdir/.wh..wh.aufs; "$2" import -q xfs/store/upperdir to`,
    ],
  ];
  for (const [way, script] of ways)
    test(`has its access control lists once on ext4, by ${way}`, () => {
      const told = runOnDisk(
        `${makeStore}; over xfs/store xfs/store/workdir; tell at | grep -v SGI > before; umount at; ${script}
         mkdir -p to/workdir; over to to/workdir; tell at > after; diff before after && grep -c posix_acl after`,
      );
      expect(told).toBe("4\n4\n");
    });

  test("is the same as its base where only it shows the lists twice", () => {
    const told = runOnDisk(`${makeStore}; "$2" changes xfs/store --base base --under /etc`);
    expect(told.split("\n").slice(1, 4)).toEqual([
      "same               4 B  /etc/a",
      "added              4 B  /etc/b",
      "added              0 B  /etc/new/",
    ]);
  });
});
