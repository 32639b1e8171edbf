// Stores that somebody has made to do harm: whatever a command does with one, nothing outside is read or
// written, and no name of it reaches a terminal as it is. That nothing was read is seen by the times of
// last access, of a file system that keeps all of them.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type MemorySession, startSession } from "./memory-session.ts";
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

/** What nobody may touch: "outside", and "beside", which is a file of the store as well. */
const outside =
  "outside outside/secret outside/dir outside/dir/id_rsa outside/dir/archives outside/dir/archives/a.deb";
const tellOutside = `tell_outside() { stat -c '%n %.X %.Y %.Z %s %a %u %i' $all; stat -c '%n %Y %s %a %u' beside; }`;
const makeOutside = `
  mkdir outside; mount -t tmpfs -o strictatime outside outside; mkdir -p outside/dir/archives
  echo SECRET > outside/secret; echo SECRET > outside/dir/id_rsa; echo SECRET > outside/dir/archives/a.deb
  echo beside > beside; touch -d @1000000000 beside
  all="${outside}"
  touch -a -d @1000000000 $all
  ${tellOutside}
  tell_outside > outside.before`;

/** Fills the upper directory "$upper", which is on one file system with "beside". */
const makeUpper = `
  (out=$PWD/outside; ln beside $upper/shared; cd $upper; mkdir -p var/cache root opaque dir2 marked
   ln -s $out etc; ln -s ../../../outside relative; ln -s $out/secret file; ln -s $out/dir root/.ssh
   ln -s $out/dir var/cache/apt; ln -s $out/dir var/log; ln -s $out dir; ln -s /proc/self/root/$out magic
   mknod gone c 0 0; mknod never c 0 0; mknod disk b 7 0; mknod null c 1 3; mkfifo pipe
   cp /bin/true set; chmod 6755 set; ln set root/again; ln set opaque/third
   : > marked/hidden; setfattr -n trusted.overlay.whiteout -v y marked/hidden
   setfattr -n trusted.overlay.opaque -v x marked; setfattr -n trusted.overlay.opaque -v y opaque
   setfattr -n user.overlay.opaque -v y dir2; setfattr -n user.overlay.redirect -v /etc dir2
   printf 1 > "$(printf 'a\\033[2Jb')"; printf 2 > "$(printf 'new\\nline')"; printf 3 > "$(printf '\\377\\233m')"
   printf 4 > "$(head -c 255 /dev/zero | tr '\\0' n)")`;

/** A base of which the store hides a directory, and has a file. */
const makeBase = `
  mkdir -p base/dir base/etc base/gone base/marked base/opaque; echo base > base/etc/secret; echo base > base/gone/inside
  echo base > base/marked/hidden; echo base > base/opaque/hidden; echo base > base/dir/file; cp -p beside base/shared`;

/** Directories that overlayfs was not the one to move, and a file that is nowhere. */
const makeMoved = `
  (cd store/upperdir; mkdir loop one two up; : > part; truncate -s 7 part; setfattr -n trusted.overlay.metacopy part
   setfattr -n trusted.overlay.redirect -v /loop loop; setfattr -n trusted.overlay.redirect -v /two one
   setfattr -n trusted.overlay.redirect -v /one two; setfattr -n trusted.overlay.redirect -v /../../outside up)`;

/** Lists what is no directory, but for whiteouts, which have another form in a copy. */
const defineList = `list() { (cd $1; find . ! -type d ! -name gone ! -name never ! -name hidden ! -name shared \
    -printf '%y %m %U %n %s %l %P\\0' | LC_ALL=C sort -z | tr '\\n\\0' '?\\n' | cat -v); }`;

const makeStore = `${makeOutside}; ${makeBase}; ${defineList}
  upper=store/upperdir; mkdir -p $upper store/workdir; ${makeUpper}; list $upper > upper.before
  for each in import new reverted; do ln -s $PWD/outside store/upperdir.$each; done
  ln -s $PWD/outside/secret store/backstore.json`;

/** Fails where something outside is not as it was, times included. */
const compareOutside = "tell_outside | diff outside.before - && echo untouched";

/** Runs a script on a hostile store; returns what the command said. */
function runHostile(script: string): string {
  const told = runOnDisk(`${makeStore}; { ${script}; } 2>&1; ${compareOutside}`);
  expect(told).toMatch(/untouched\n$/);
  expectEscaped(told);
  return told;
}

function expectEscaped(told: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  expect(told).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffd]/);
  expect(told).not.toContain("SECRET");
}

/** Takes a copy for the same if it has the same files; whiteouts are devices there. */
const compareCopy = `list to/upperdir | diff upper.before -; stat -c '%F %t:%T %h' to/upperdir/gone to/upperdir/marked/hidden
  stat -c '%F %h' to/upperdir/shared; cat to/upperdir/shared`;
const sameCopy =
  /character special file 0:0 1\ncharacter special file 0:0 1\nregular file 1\nbeside\n/;

describe.skipIf(!isRoot)(`a hostile store${rootNote}`, () => {
  test("is listed by changes, with names that are escaped", () => {
    const told = runHostile('timeout 20 "$2" changes store --base base');
    for (const line of [
      "added              1 B  /a\\u001b[2Jb\n",
      "added              1 B  /new\\nline\n",
      "added              1 B  /\\udcff\\udc9bm\n",
      "deleted            0 B  /gone/\n",
      "deleted            0 B  /marked/hidden\n",
      "replaced           0 B  /opaque/\n",
      "same               7 B  /shared\n",
    ])
      expect(told).toContain(line);
    expect(told).toMatch(/^type +\d+ B {2}\/etc$/m);
    expect(told).not.toMatch(/secret|id_rsa|\/gone\/./);
  });

  test("is listed by changes without following what says that it was moved", () => {
    const told = runHostile(`${makeMoved}; timeout 20 "$2" changes store --base base`);
    expect(told).toContain('"/up": overlayfs does not follow its redirect "/../../outside"\n');
    expect(told).toContain('"/part": the base does not have its content');
    expect(told).toContain("/loop/ (moved from /loop)\n");
    expect(told).toContain("2 could not be compared.\n");
  });

  test("shows its secrets alone to changes --secrets", () => {
    const told = runHostile('timeout 20 "$2" changes store --base base --secrets');
    expect(told).toMatch(/^No secrets were found/);
  });

  for (const moved of [":", makeMoved])
    test(`shows its own lines alone to diff${moved === ":" ? "" : ", where it says that it was moved"}`, () => {
      const told = runHostile(`${moved}; timeout 20 "$2" diff / --store store --base base`);
      expect(told).toContain("+++ b/a\\u001b[2Jb\n@@ -0,0 +1 @@\n+1\n");
      expect(told).toContain("Only in the base: /gone\n");
      expect(told).toContain("File a/etc is of another type than b/etc\n");
      expect(told).toContain("Only in the store: /root/.ssh\n");
    });

  test("is not reverted while something leads out of it, and wholly then", () => {
    const told = runHostile(
      `${makeMoved}; list store/upperdir > upper.moved
       timeout 20 "$2" revert / --store store --base base --yes > /dev/null && exit 1 || echo $?
       list store/upperdir | diff upper.moved -; rm store/upperdir.reverted; timeout 20 "$2" revert / --store store --base base --yes > /dev/null; ls store/upperdir`,
    );
    expect(told).toContain(
      `Cannot revert changes in "store": "upperdir.reverted" in it is not a directory`,
    );
    expect(told).toContain("\n8\n");
    expect(told.split("\n").slice(-2)).toEqual(["untouched", ""]);
  });

  for (const moved of [":", makeMoved])
    test(`loses what changes nothing to reclaim${moved === ":" ? "" : ", where it says that it was moved"}`, () => {
      const told = runHostile(
        `${moved}; timeout 20 "$2" reclaim store --base base --caches --logs --yes
         ${moved === ":" ? "list store/upperdir | diff upper.before -" : "ls -d store/upperdir/loop"}; ! ls store/upperdir/shared`,
      );
      expect(told).toContain("copies that are like the base's           1 path  7 B\n");
      expect(told).not.toContain("caches");
      expect(told).toContain("No such file");
    });

  const archives = [
    { form: "a.tar", unpack: "tar -x -f a.tar -C unpacked" },
    {
      form: "image",
      unpack: "for each in image/blobs/sha256/*; do ! tar -x -f $each -C unpacked || break; done",
    },
    { form: "a.sfs", unpack: "unsquashfs -quiet -no-progress -force -dest unpacked a.sfs" },
  ];
  for (const { form, unpack } of archives)
    test(`has the same files as ${form}, and its links as links`, () => {
      const told = runHostile(
        `timeout 20 "$2" export -q store ${form}; mkdir unpacked; ${unpack} > /dev/null 2>&1
         find unpacked -name ".wh.*" -delete; list unpacked | diff upper.before - && echo same`,
      );
      expect(told).toBe("same\nuntouched\n");
    });

  test("is not exported where it says that it was moved, and nothing is left", () => {
    const told = runHostile(`${makeMoved}; ! timeout 20 "$2" export store a.tar; ls`);
    expect(told).toMatch(/^backstore: Cannot carry "\/part": its content is in the base\n/);
    expect(told).not.toContain("a.tar\n");
  });

  test("has the same files when it was imported, and its links as links", () => {
    const told = runHostile(
      `rm store/*.*; mv store/upperdir store/rw; echo / union > store/persistence.conf
       timeout 20 "$2" import -q store to; ${compareCopy}`,
    );
    expect(told).toMatch(sameCopy);
  });

  test("has the same files when it was copied, and its links as links", () => {
    expect(runHostile(`timeout 20 "$2" copy -q store to; ${compareCopy}`)).toMatch(sameCopy);
  });

  describe("that is a link itself", () => {
    const words = [
      "changes STORE --base base",
      "changes STORE --base base --secrets",
      "diff / --store STORE --base base",
      "revert / --store STORE --base base --yes",
      "reclaim STORE --base base --yes --caches --logs",
      "export STORE made",
      "copy STORE made",
    ];
    const traps = [
      { name: "trap", make: "mkdir trap; ln -s $PWD/outside trap/upperdir" },
      {
        name: "trap.bs",
        make: `truncate -s 16M trap.bs; mkfs.ext4 -q trap.bs; mkdir at; mount -o loop trap.bs at
          ln -s $PWD/outside at/upperdir; umount at`,
      },
      {
        name: "trap.img",
        make: `truncate -s 16M trap.img; mkfs.ext4 -q trap.img; mkdir at; mount -o loop trap.img at
          mkdir -p at/persistent_A/x86_64; ln -s $PWD/outside at/persistent_A/x86_64/upperdir; umount at`,
      },
    ];
    for (const { name, make } of traps)
      test(`leads no command out of ${name}`, () => {
        const calls = words.map((word) => `! timeout 20 "$2" ${word.replace("STORE", name)}`);
        const told = runHostile(`${make}; ${calls.join("; ")}; ! ls -d made`);
        const refused = told.match(
          /: "upperdir" is not a directory, and links are not followed\n/g,
        );
        expect(refused?.length, told).toBe(words.length);
      });

    test("leads import to no layer of an image", () => {
      const told = runHostile(
        `rm store/*.*; "$2" export -q store image; layer=$(ls -S image/blobs/sha256 | head -n 1)
         mv image/blobs/sha256/$layer layer; ln -s $PWD/layer image/blobs/sha256/$layer; ! "$2" import image to; ! ls to`,
      );
      expect(told).toContain(
        'Cannot import "image": its layer is a link, and links are not followed\n',
      );
    });
  });

  describe("of a session in memory", () => {
    let session: MemorySession;
    beforeAll(async () => {
      session = await startSession({
        program,
        base: `${makeOutside}; ${makeBase}; mv beside upper/; ln upper/beside beside; upper=upper; ${makeUpper}`,
        changes: "cd root; ln -s /mnt/outside/secret made; cd ..",
      });
    });
    afterAll(() => session?.end());

    test("has the same files when it was adopted, and its links as links", () => {
      const { status, stdout, stderr } = session.adopt("/mnt/host/kept");
      expect([status, stderr]).toEqual([0, ""]);
      expectEscaped(stdout);
      const told = session.beside(
        `${defineList}; list upper | sed 's/ 3 7  beside/ 2 7  beside/' > upper.before
         list host/kept/upperdir | diff upper.before - && echo same; cat host/kept/upperdir/shared
         stat -c '%F %t:%T' host/kept/upperdir/gone host/kept/upperdir/marked/hidden
         all="${outside}"; ${tellOutside}; ${compareOutside}`,
      );
      expect(told.split("\n")).toEqual([
        ...["same", "beside", "character special file 0:0", "character special file 0:0"],
        ...["untouched", ""],
      ]);
    });
  });
});
