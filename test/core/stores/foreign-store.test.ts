import { describe, expect, test } from "vitest";
import { type ForeignPlace, identifyForeign } from "../../../src/core/stores/foreign-store.ts";
import { parsePersistence } from "../../../src/core/stores/persistence-conf.ts";

/** A place with these paths; those that end with a slash are directories, values are texts. */
function placeOf(paths: readonly string[], texts: Record<string, string> = {}, name = "") {
  const all = [...paths, ...Object.keys(texts)];
  const place: ForeignPlace = {
    name,
    list(path) {
      const prefix = path === "" ? "" : `${path}/`;
      if (path !== "" && !all.some((one) => one.startsWith(prefix))) return undefined;
      const below = all.filter((one) => one !== prefix && one.startsWith(prefix));
      return [...new Set(below.map((one) => one.slice(prefix.length).split("/")[0] ?? ""))];
    },
    readText: (path) => texts[path],
  };
  return place;
}

function tell(place: ForeignPlace): string {
  const found = identifyForeign(place);
  if (found === undefined) return "nothing";
  if (found.kind === "layout") return found.system;
  if (found.kind === "sessions") return `${found.system}: sessions ${found.paths.join(" ")}`;
  const parts = found.parts.map(({ from, to, format }) => `${format} /${from} at /${to}`);
  const leftOut = found.leftOut.map(({ path, reason }) => `not /${path} (${reason})`);
  return `${found.system}: ${[...parts, ...leftOut].join(", ")}`;
}

const conf = "persistence.conf";

/** The directories that live-boot has where a union is kept. */
const unionAt = (path: string) => ["rw", "work"].map((name) => `${path}/${name}/`);

const places: readonly (readonly [is: string, place: ForeignPlace, found: string])[] = [
  ["an empty directory", placeOf([]), "nothing"],
  ["somebody's files", placeOf(["photos/", "a.txt"]), "nothing"],
  ["a store of ours", placeOf(["upperdir/", "workdir/", "backstore.json"]), "nothing"],
  ["a work directory alone", placeOf(["work/", "rw/"]), "nothing"],
  [
    "a store of the first generation",
    placeOf([".wh..wh.aufs", ".wh..wh.plnk/", ".wh..wh.orph/", "etc/"]),
    "aufs: aufs / at /",
  ],
  ["a branch whose plinks are all that is left", placeOf([".wh..wh.plnk/"]), "aufs: aufs / at /"],
  ["whiteouts alone, which anybody may have", placeOf([".wh.a", "etc/"]), "nothing"],
  [
    "Debian's live-boot",
    placeOf(["rw/", "work/", "lost+found/"], { [conf]: "/ union\n" }),
    "live-boot: overlay /rw at /",
  ],
  [
    "live-boot with a source",
    placeOf(unionAt("kept"), { [conf]: "/ union,source=kept" }),
    "live-boot: overlay /kept/rw at /",
  ],
  [
    "live-boot with aufs, as until Debian 8",
    placeOf([".wh..wh.aufs", "etc/"], { [conf]: "/ union" }),
    "live-boot: aufs / at /",
  ],
  [
    "live-boot with single directories",
    placeOf(["home/user/", ...unionAt("etc"), "dots/"], {
      [conf]: "# kept\n\n/home\n/etc union\n/root link,source=dots\n/srv bind\n",
    }),
    "live-boot: whole /home at /home, overlay /etc/rw at /etc, not /root (links), not /srv (missing)",
  ],
  [
    "live-boot with a directory in another",
    placeOf(["rw/", "home/"], { [conf]: "/ union\n/home bind\n" }),
    "live-boot: overlay /rw at /, not /home (within-another)",
  ],
  [
    "live-boot before its first boot",
    placeOf(["lost+found/"], { [conf]: "/ union\n" }),
    "live-boot: not / (missing)",
  ],
  ["Ubuntu's casper", placeOf(["upper/", "work/", "lost+found/"]), "casper: overlay /upper at /"],
  ["casper's upper directory without the other", placeOf(["upper/"]), "nothing"],
  [
    "dracut's directory",
    placeOf(["etc/", "var/"], {}, "overlay-Fedora-ABCD"),
    "dracut: overlay / at /",
  ],
  ["dracut's file", placeOf(["overlayfs/", "ovlwork/"]), "dracut: overlay /overlayfs at /"],
  [
    "the sessions of Slax",
    placeOf(["10/changes/", "10/workdir/", "2/.wh..wh.aufs", "3/photos/", "session.conf"]),
    "linux-live: sessions 2 10",
  ],
  ["one session", placeOf(["changes/", "workdir/"]), "linux-live: overlay /changes at /"],
  [
    "the changes of Porteus",
    placeOf([".wh..wh.orph/", "etc/"], {}, "changes"),
    "aufs: aufs / at /",
  ],
  ["an image", placeOf(["blobs/sha256/"], { "oci-layout": "{}", "index.json": "{}" }), "oci"],
];

describe("identifyForeign()", () => {
  for (const [is, place, found] of places) {
    test(`identifies ${is}`, () => {
      expect(tell(place)).toBe(found);
    });
  }
});

const lines: readonly (readonly [line: string, kept: string | undefined])[] = [
  ["/ union", "/ of /: union"],
  ["  /\tunion  ", "/ of /: union"],
  ["/home", "/home of /home: bind"],
  ["/home/", "/home of /home: bind"],
  ["/home bind,union,link", "/home of /home: link"],
  ["/home source=.", "/home of /: bind"],
  ["/home source=users/all,union", "/home of /users/all: union"],
  ["/home link, source=users", "/home of /users: link"],
  ["# /home", undefined],
  ["", undefined],
  ["home", undefined],
  ["/lib/live", undefined],
  ["/libexec", undefined],
  ["/a/../b", undefined],
  ["/a/./b", undefined],
  ["/home source=/etc", undefined],
  ["/home source=../etc", undefined],
  ["/home source=a/..", undefined],
  ["/home source=", undefined],
  ["/home nonsense", undefined],
];

describe("parsePersistence()", () => {
  for (const [line, kept] of lines) {
    test(`reads ${JSON.stringify(line)}`, () => {
      const [found] = parsePersistence(line).kept;
      expect(found && `/${found.path} of /${found.source}: ${found.how}`).toBe(kept);
    });
  }

  test("names the lines that are left out", () => {
    expect(parsePersistence("# a\n/home\nhome\n\n/home union\n/b what").ignored).toEqual([3, 5, 6]);
  });
});
