// "backstore changes" on what the kernel's own overlay writes: generated trees in several layers with
// the options of all systems, real images, and stores that somebody has made to do harm.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildJudge } from "./build-judge.ts";
import { scriptsInMemory } from "./namespaces.ts";
import { copyProgram, isRoot, rootNote, temporaryDirectory, tryRun } from "./programs.ts";

const directory = temporaryDirectory();
const program = copyProgram(directory);

const runInMemory = scriptsInMemory(directory, program);

describe.skipIf(!isRoot)(`changes${rootNote}`, () => {
  const judge = buildJudge("changes-judge", directory);

  test("tells of generated trees what the kernel shows", { timeout: 240_000 }, () => {
    const at = join(directory, "judged");
    mkdirSync(at);
    const { status, stderr } = tryRun([...judge, program, at, "120"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  test("reads a store's file and an image of its base, and changes neither", () => {
    const told = runInMemory(
      "images",
      `mkdir base at top
       mkdir -p base/etc base/opt/app; echo one > base/etc/a; echo two > base/etc/b
       truncate -s 1M base/opt/app/big; echo three > base/gone
       mksquashfs base base.sfs -quiet -no-progress > /dev/null
       truncate -s 64M sysrcd.bs; mkfs.ext4 -q -F sysrcd.bs
       mkdir lower; mount -o loop sysrcd.bs at; mkdir at/upperdir at/workdir; mount -o loop base.sfs lower
       mount -t overlay -o lowerdir=lower,upperdir=at/upperdir,workdir=at/workdir,index=off overlay top
       echo ONE > top/etc/a; chmod 600 top/etc/b; rm top/gone; : >> top/opt/app/big; mkdir -p top/srv/www
       umount top; umount at
       sha256sum sysrcd.bs base.sfs > sums
       "$2" changes sysrcd.bs --base base.sfs
       sha256sum --quiet -c sums`,
    );
    expect(told.split("\n\n")[0]?.split("\n").sort()).toEqual([
      "added              0 B  /srv/",
      "added              0 B  /srv/www/",
      "deleted            0 B  /gone",
      "metadata           4 B  /etc/b",
      "modified           4 B  /etc/a",
      "same               0 B  /opt/app/big",
    ]);
  });

  test("lists the changes of a session that is in memory, and says that they are lost", () => {
    // The command sees the overlay as its root.
    const told = runInMemory(
      "session",
      `mkdir -p base/etc base/proc base/sys base/dev base/layers upper work root; echo one > base/etc/a
       mount --bind . base/layers
       mount -t overlay -o "lowerdir=$PWD/base,upperdir=$PWD/upper,workdir=$PWD/work" overlay root
       mkdir -p "root$PWD" root/old; mount --rbind /proc root/proc; mount --rbind . "root$PWD"
       cp "$2" root/backstore; echo two > root/etc/a
       cd root; pivot_root . old
       /backstore changes --under /etc; /backstore changes --json --under /etc`,
    );
    const [first, , , , last, ...json] = told.trimEnd().split("\n");
    expect(first).toBe("modified           4 B  /etc/a");
    expect(last).toBe(
      "These changes are in memory alone: they are lost when the machine is switched off.",
    );
    expect(JSON.parse(json.at(-1) ?? "")).toMatchObject({ isInMemory: true, problems: 0 });
  });

  test("shows differences that patch makes of the base what the store has", () => {
    const told = runInMemory(
      "differences",
      `mkdir -p base/etc/deep store/upperdir store/workdir top; cd base/etc
       seq 1 1000 > numbers; seq 1 9 > "deep/a b"; printf 'no end' > end; printf 'a\\r\\nb\\r\\n' > dos; echo gone > gone
       printf 'latin \\344\\n' > encoded; cd ../..
       mount -t overlay -o lowerdir=base,upperdir=store/upperdir,workdir=store/workdir,index=off overlay top
       cd top/etc; sed -i -e 's/7/x/' -e '/^9.*5/d' -e '500i new' numbers; echo 10 >> "deep/a b"; echo >> end
       sed -i 's/b/c/' dos; rm gone; mv deep moved; echo 0 > "moved/a b"; printf 'é\\n' > new; echo '-- a' >> encoded; cd ../..
       umount top; cp -a base patched
       "$2" diff /etc/numbers /etc/end /etc/dos /etc/gone /etc/new --store store --base base > all.diff
       patch --binary --silent -p1 -d patched < all.diff
       for file in numbers end dos new; do cmp patched/etc/$file store/upperdir/etc/$file; done
       test ! -e patched/etc/gone
       "$2" diff etc/encoded /etc/moved /etc/deep --store store --base base`,
    );
    expect(told.split("\n")).toEqual([
      ...["--- a/etc/encoded", "+++ b/etc/encoded", "@@ -1 +1,2 @@", " latin \ufffd", "+-- a"],
      ...["--- /dev/null", "+++ b/etc/moved/a b", "@@ -0,0 +1 @@", "+0"],
      "Only in the base: /etc/deep",
      "",
    ]);
  });

  test("tells packages as dpkg and pacman have recorded them", () => {
    const told = runInMemory(
      "packages",
      `deb() { # NAME VERSION FILE...
         mkdir -p "tree/DEBIAN"; name=$1 version=$2; shift 2
         printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: a <a@b.example>\\nDescription: a\\n' \
           "$name" "$version" > tree/DEBIAN/control
         for file; do mkdir -p "tree/\${file%/*}"; echo "$name $version" > "tree/$file"; done
         dpkg-deb --root-owner-group --build tree "$name-$version.deb" > /dev/null; rm -r tree; }
       deb old 1 usr/share/old/a; deb up 1 usr/bin/up usr/share/up/old; deb kept 1 etc/kept
       deb up 2 usr/bin/up "usr/share/up/new ä"; deb new 1 usr/bin/new
       arch() { # NAME VERSION FILE
         mkdir -p "tree/\${3%/*}"; echo "$1 $2" > "tree/$3"
         printf 'pkgname = %s\\npkgver = %s\\narch = any\\nsize = 1\\n' "$1" "$2" > tree/.PKGINFO
         bsdtar -C tree -cf "$1-$2.pkg.tar" .PKGINFO usr; rm -r tree; }
       arch old 1-1 usr/bin/old; arch a-b 1:1-1 usr/bin/up; arch a-b 2-1 usr/bin/up; arch new 1-1 usr/bin/new
       deb_do() { dpkg --root=deb/top --force-not-root --log=/dev/null "$@" > /dev/null; }
       arch_do() { pacman --noconfirm --config /dev/null --logfile /dev/null --root arch/top --dbpath arch/top/var/lib/pacman \
         --cachedir arch/cache --hookdir none --gpgdir gpg "$@" > /dev/null; }
       overlay() { mount -t overlay -o "lowerdir=$1/base,upperdir=$1/store/upperdir,workdir=$1/store/workdir,index=off" overlay "$1/top"; }
       for each in deb arch; do mkdir -p $each/base $each/store/upperdir $each/store/workdir $each/top $each/cache; done
       mkdir -p deb/base/var/lib/dpkg/info deb/base/var/lib/dpkg/updates arch/base/var/lib/pacman; : > deb/base/var/lib/dpkg/status
       mount --bind deb/base deb/top; mount --bind arch/base arch/top
       deb_do --install old-1.deb up-1.deb kept-1.deb; arch_do --upgrade old-1-1.pkg.tar a-b-1:1-1.pkg.tar
       umount deb/top; umount arch/top
       overlay deb; overlay arch
       deb_do --install up-2.deb new-1.deb; deb_do --remove old; echo changed > deb/top/etc/kept; chmod 700 deb/top/usr/share
       arch_do --upgrade a-b-2-1.pkg.tar new-1-1.pkg.tar; arch_do --remove old
       for each in deb arch; do
         umount $each/top; "$2" changes $each/store --base $each/base --packages --under usr
       done
       "$2" changes deb/store --base deb/base --packages --under etc | tail -n 1`,
    );
    expect(told.split("\n")).toEqual([
      "           package             version  paths  in the store",
      "  added    new                 1            1           6 B",
      "  changed  up                  1 -> 2       3          10 B",
      "  removed  old                 1            1           0 B",
      "           (several packages)               1           0 B",
      "           package  version       paths  in the store",
      "  added    new      1-1               1           8 B",
      "  changed  a-b      1:1-1 -> 2-1      1           8 B",
      "  removed  old      1-1               1           0 B",
      "  kept     kept     1            1           8 B",
      "",
    ]);
  });

  test("finds keys that their own programs have written, and follows no link to one", () => {
    const told = runInMemory(
      "secrets",
      `mkdir -p base/etc store/upperdir/root/.ssh store/upperdir/etc/ssl store/upperdir/srv; cd store/upperdir
       ssh-keygen -q -t ed25519 -N "" -f root/.ssh/id_ed25519
       ssh-keygen -q -t rsa -b 1024 -m PEM -N "pass phrase" -f srv/any-name
       openssl genpkey -quiet -algorithm ed25519 -out etc/ssl/server.pem 2> /dev/null
       openssl req -x509 -new -key etc/ssl/server.pem -subj /CN=a -out etc/ssl/public.pem
       echo "root:$(openssl passwd -6 -salt a pass):20000:0:::::" > etc/shadow
       cp etc/shadow ../../base/etc/; echo "a:$(openssl passwd -6 -salt b pass):20000:0:::::" >> etc/shadow
       ln -s ../srv/any-name root/link; ln -s "$PWD/srv/any-name" root/.netrc
       mkfifo root/.bash_history; mkdir root/.git-credentials
       cd ../..; timeout 20 "$2" changes store --base base --secrets 2>&1`,
    );
    expect(told.split("\n\n")[0]?.split("\n")).toEqual([
      "password hash      /etc/shadow (line 2)",
      "private key        /etc/ssl/server.pem (line 1)",
      "private key        /root/.ssh/id_ed25519 (line 1)",
      "private key        /srv/any-name (line 1)",
    ]);
  });

  test("follows nothing out of a hostile store, and tells of what overlayfs would refuse", () => {
    mkdirSync(join(directory, "outside"));
    writeFileSync(join(directory, "outside/secret"), "SECRET\n");
    const told = runInMemory(
      "hostile",
      `mkdir -p base/dir base/etc store/upperdir/up store/upperdir/loop; echo SECRET > base/etc/passwd
       cd store/upperdir
       ln -s ${directory}/outside etc
       ln -s /etc/passwd dir
       setfattr -n trusted.overlay.redirect -v /../../outside up
       setfattr -n trusted.overlay.redirect -v /loop loop
       touch empty; setfattr -n trusted.overlay.metacopy empty; truncate -s 7 empty
       printf x > "$(printf 'a\\033[2Jb')"; mknod null c 1 3; mkfifo pipe; cp /bin/true set; chmod 4755 set
       mknod wh c 0 0; setfattr -n trusted.overlay.opaque -v y . 
       cd ../..
       timeout 20 "$2" changes store --base base 2>&1`,
    );
    expect(told).not.toContain("\u001b");
    expect(told).toContain("/a\\u001b[2Jb");
    expect(told).toContain("type              11 B  /dir\n");
    expect(told).not.toContain("moved from /..");
    expect(told).toContain(
      'Warning: "/up": overlayfs does not follow its redirect "/../../outside"',
    );
    expect(told).toContain('Warning: "/empty": the base does not have its content');
    expect(told).not.toContain("secret");
  });
});
