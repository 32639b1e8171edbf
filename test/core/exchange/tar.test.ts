import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { joinBytes, paddingOf } from "../../../src/core/bytes/join.ts";
import { encodeName } from "../../../src/core/bytes/utf.ts";
import { checkMember } from "../../../src/core/exchange/archive-path.ts";
import { endOfTar, formatHead, formatTail } from "../../../src/core/exchange/format-tar.ts";
import { formatRecords, readRecords } from "../../../src/core/exchange/pax.ts";
import { openTar } from "../../../src/core/exchange/read-tar.ts";
import { dataBytes, type TarEntry } from "../../../src/core/exchange/tar-entry.ts";
import { formatHeader, readHeader, type TarHeader } from "../../../src/core/exchange/tar-header.ts";
import { streamOf } from "../../support/byte-stream.ts";

const file: TarEntry = {
  kind: "file",
  path: "etc/motd",
  mode: 0o644,
  uid: 0,
  gid: 0,
  modified: { seconds: 1_700_000_000, nanoseconds: 0 },
  bytes: 0,
  data: [],
  to: "",
  device: { major: 0, minor: 0 },
  xattrs: [],
};

const header: TarHeader = {
  ...{ name: "a", mode: 0o644, uid: 0, gid: 0, bytes: 0, seconds: 0 },
  ...{ type: "0", link: "", major: 0, minor: 0 },
};

/** Formats members with data that is all "x". */
function formatAll(entries: readonly TarEntry[]): Uint8Array {
  const members = entries.flatMap((entry) => [
    formatHead(entry),
    new Uint8Array(dataBytes(entry)).fill(0x78),
    formatTail(entry),
  ]);
  return joinBytes([...members, endOfTar]);
}

/** Reads all members, and checks that the data of each is there. */
function readAll(bytes: Uint8Array): TarEntry[] {
  const tar = openTar(streamOf(bytes));
  const found: TarEntry[] = [];
  for (let entry = tar.next(); entry !== undefined; entry = tar.next()) {
    found.push(entry);
    // Of every other file the data is passed over.
    if (found.length % 2 === 0) continue;
    const data = tar.readData(1 << 20);
    expect(data.every((byte) => byte === 0x78)).toBe(true);
    if (entry.kind === "file") expect(data.length).toBe(dataBytes(entry));
  }
  return found;
}

function whole(bytes: number) {
  return { bytes, data: bytes > 0 ? [{ offset: 0, bytes }] : [] };
}

const long = "a".repeat(255);

const members: readonly (readonly [is: string, entry: Partial<TarEntry>])[] = [
  ["an empty file", {}],
  ["a file of one byte", whole(1)],
  ["a file of just a block", whole(512)],
  ["a file of a block and a byte", whole(513)],
  ["the top", { kind: "directory", path: "", mode: 0o755 }],
  ["a directory", { kind: "directory", path: "etc/ssh", mode: 0o1777 }],
  ["a link", { kind: "link", path: "bin", mode: 0o777, to: "usr/bin" }],
  ["a link that leads out", { kind: "link", to: "../../../etc/shadow" }],
  ["a link to a very long name", { kind: "link", to: `${long}/${long}` }],
  ["a further name", { kind: "hard-link", path: "usr/bin/perl5", to: "usr/bin/perl" }],
  ["a further name of a file with a long name", { kind: "hard-link", to: `${long}/é` }],
  ["a block device", { kind: "block", path: "dev/sda", device: { major: 8, minor: 1_048_575 } }],
  ["a whiteout", { kind: "character", path: "etc/issue", mode: 0 }],
  ["a pipe", { kind: "fifo", path: "run/pipe" }],
  ["a name of just 100 bytes", { path: "b".repeat(100) }],
  ["a name of 101 bytes", { path: "b".repeat(101) }],
  ["names of 255 bytes", { path: `${long}/${long}/${long}` }],
  ["a name with spaces and newlines", { path: "two words/and\na line" }],
  ["a name in UTF-8", { path: "größe/日本語" }],
  ["a name that is not UTF-8", { path: "caf\udce9" }],
  ["a name that looks like a whiteout in the middle", { path: "etc/a.wh.b" }],
  ["a time with nanoseconds", { modified: { seconds: 1, nanoseconds: 123_456_789 } }],
  ["a time with few nanoseconds", { modified: { seconds: 1, nanoseconds: 1 } }],
  ["a time before 1970", { modified: { seconds: -1, nanoseconds: 0 } }],
  ["a time just before 1970", { modified: { seconds: -1, nanoseconds: 750_000_000 } }],
  ["a time long before 1970", { modified: { seconds: -86_400, nanoseconds: 5 } }],
  ["a time beyond the header's digits", { modified: { seconds: 2 ** 33, nanoseconds: 0 } }],
  ["owners beyond the header's digits", { uid: 4_294_967_294, gid: 2_097_152 }],
  ["setuid", { mode: 0o4755 }],
  [
    "attributes",
    {
      xattrs: [
        { name: "trusted.overlay.opaque", value: encodeName("y") },
        { name: "security.capability", value: Uint8Array.of(1, 0, 0, 2, 0, 10, 61, 255) },
        { name: "user.a=b%3D", value: encodeName("with = and\nmore") },
        { name: "user.empty", value: new Uint8Array(0) },
      ],
    },
  ],
  ["a hole at the end", { bytes: 10_000, data: [{ offset: 0, bytes: 4096 }] }],
  ["a hole at the beginning", { bytes: 8192, data: [{ offset: 4096, bytes: 4096 }] }],
  ["nothing but a hole", { bytes: 1 << 30, data: [] }],
  [
    "many holes, and a long name",
    {
      path: `${long}/${long}`,
      bytes: 1 << 20,
      data: Array.from({ length: 200 }, (_, at) => ({ offset: at * 5000 + 8, bytes: 100 })),
    },
  ],
];

describe("formatHead() and openTar()", () => {
  for (const [is, entry] of members) {
    test(`keep ${is}`, () => {
      const before = { ...file, path: "before", ...whole(100) };
      const entries = [before, { ...file, ...entry }, { ...before, path: "after" }];
      expect(readAll(formatAll(entries))).toEqual(entries);
    });
  }

  test("keep any members", () => {
    const name = fc
      .oneof(fc.string({ minLength: 1, maxLength: 120, unit: "grapheme" }), fc.constant("\udcff"))
      .map((text) => text.replace(/[/\0]/g, "_"))
      .filter((text) => text !== "." && text !== "..");
    const anyEntry = fc.record({
      path: fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/")),
      mode: fc.integer({ min: 0, max: 0o7777 }),
      uid: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      gid: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      modified: fc.record({
        seconds: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
        nanoseconds: fc.integer({ min: 0, max: 999_999_999 }),
      }),
      parts: fc.array(fc.tuple(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 99 }))),
      tail: fc.integer({ min: 0, max: 99 }),
      xattrs: fc.uniqueArray(
        fc.record({
          name: fc.string({ minLength: 1 }).map((text) => `user.${text.replaceAll("\0", "")}`),
          value: fc.uint8Array({ maxLength: 300 }),
        }),
        { selector: (xattr) => xattr.name, maxLength: 3 },
      ),
    });
    fc.assert(
      fc.property(fc.array(anyEntry, { maxLength: 5 }), (made) => {
        const entries = made.map(({ parts, tail, ...rest }) => {
          let end = 0;
          const data = parts.map(([hole, bytes]) => {
            const offset = end + hole;
            end = offset + bytes;
            return { offset, bytes };
          });
          return { ...file, ...rest, data, bytes: end + tail };
        });
        expect(readAll(formatAll(entries))).toEqual(entries);
      }),
      { numRuns: 150 },
    );
  });
});

describe("openTar()", () => {
  const plain = formatAll([{ ...file, ...whole(600) }]);

  test("reads what is cut off behind the last file", () => {
    expect(readAll(plain.subarray(0, plain.length - 1024))).toHaveLength(1);
    expect(readAll(new Uint8Array(0))).toEqual([]);
  });

  test("reads a directory of an old archive, whose name ends with a slash", () => {
    const bytes = joinBytes([formatHeader({ ...header, name: "etc/", type: "\0" }), endOfTar]);
    expect(readAll(bytes)).toMatchObject([{ kind: "directory", path: "etc" }]);
  });

  test("reads paths without what is before them", () => {
    for (const name of ["./a/b", "/a/b", "a//b/", "//./a/./b"]) {
      const bytes = joinBytes([formatHeader({ ...header, name, type: "5" }), endOfTar]);
      expect(readAll(bytes)[0]?.path).toBe("a/b");
    }
  });

  test("reads records that belong to every file", () => {
    const records = formatRecords([{ key: "uid", value: encodeName("7") }]);
    const bytes = joinBytes([
      formatHeader({ ...header, type: "g", bytes: records.length }),
      joinBytes([records], 512),
      ...[formatHeader(header), formatHeader({ ...header, name: "b" }), endOfTar],
    ]);
    expect(readAll(bytes).map(({ uid }) => uid)).toEqual([7, 7]);
  });

  const withRecords = (...texts: readonly (readonly [string, string])[]) => {
    const records = formatRecords(texts.map(([key, text]) => ({ key, value: encodeName(text) })));
    return joinBytes([
      formatHeader({ ...header, type: "x", bytes: records.length }),
      joinBytes([records], 512),
      formatHeader({ ...header, bytes: 10 }),
      joinBytes([new Uint8Array(10).fill(0x78)], 512),
      endOfTar,
    ]);
  };

  const holes: readonly (readonly [is: string, records: readonly (readonly [string, string])[]])[] =
    [
      [
        "0.0",
        [
          ["GNU.sparse.size", "100"],
          ["GNU.sparse.numblocks", "2"],
          ["GNU.sparse.offset", "5"],
          ["GNU.sparse.numbytes", "4"],
          ["GNU.sparse.offset", "50"],
          ["GNU.sparse.numbytes", "6"],
        ],
      ],
      [
        "0.1",
        [
          ["GNU.sparse.size", "100"],
          ["GNU.sparse.name", "a"],
          ["GNU.sparse.map", "5,4,50,6"],
        ],
      ],
    ];
  for (const [format, records] of holes) {
    test(`reads holes in format ${format}`, () => {
      const data = [
        { offset: 5, bytes: 4 },
        { offset: 50, bytes: 6 },
      ];
      expect(readAll(withRecords(...records))).toMatchObject([{ path: "a", bytes: 100, data }]);
    });
  }

  const flipped = plain.slice();
  flipped.set([0x21], 3);
  const broken: readonly (readonly [is: string, bytes: Uint8Array, message: RegExp])[] = [
    ["a header with a wrong checksum", flipped, /byte 0: the checksum/],
    ["half a header", plain.subarray(0, 100), /byte 0: it ends in the middle of a header/],
    ["half a file", plain.subarray(0, 600), /byte 600: it ends in the middle of a file/],
    ["a size that is none", withRecords(["size", "-5"]), /byte 0: the size of a file is "-5"/],
    ["a size beyond every file", withRecords(["size", "9".repeat(20)]), /the size of a file is/],
    ["a size that is not there", withRecords(["size", "9000000000000"]), /it ends in the middle/],
    [
      "parts that overlap",
      withRecords(["GNU.sparse.size", "100"], ["GNU.sparse.map", "5,6,8,4"]),
      /where a file has holes/,
    ],
    [
      "parts that are not all there",
      withRecords(["GNU.sparse.size", "100"], ["GNU.sparse.map", "5,4"]),
      /where a file has holes/,
    ],
    [
      "parts behind the end",
      withRecords(["GNU.sparse.size", "100"], ["GNU.sparse.map", "95,10"]),
      /where a file has holes/,
    ],
    [
      "a map that is no map",
      withRecords(["GNU.sparse.major", "1"], ["GNU.sparse.realsize", "100"]),
      /where a file has holes/,
    ],
    [
      "a member of no known type",
      joinBytes([formatHeader({ ...header, type: "V" }), endOfTar]),
      /a member has the type "V"/,
    ],
    [
      "records that are too long",
      joinBytes([formatHeader({ ...header, type: "x", bytes: 2 ** 32 }), endOfTar]),
      /byte 512: what belongs to a header has 4294967296 bytes/,
    ],
  ];
  for (const [is, bytes, message] of broken) {
    test(`refuses ${is}`, () => {
      expect(() => readAll(bytes)).toThrow(message);
    });
  }
});

describe("readHeader()", () => {
  test("reads numbers in base 256, also negative ones", () => {
    const block = formatHeader(header);
    const put = (at: number, bytes: readonly number[]) => block.set(bytes, at);
    put(124, [0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0]);
    put(136, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]);
    put(148, [0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20]);
    const sum = block.reduce((total, byte) => total + byte, 0);
    put(148, [...encodeName(`${sum.toString(8).padStart(6, "0")}\0 `)]);
    expect(readHeader(block)).toMatchObject({
      kind: "header",
      header: { bytes: 2 ** 33, seconds: -2 },
    });
  });

  test("joins the two fields of a name", () => {
    const block = formatHeader(header);
    block.set(encodeName("usr/share"), 345);
    block.set(encodeName(" ".repeat(8)), 148);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.set(encodeName(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
    expect(readHeader(block)).toMatchObject({ header: { name: "usr/share/a" } });
  });
});

describe("readRecords()", () => {
  const bad = ["", "x", "5 a=", "4 =\n", "6 a=b ", "99 a=b\n", "06a=b\n", "5 a\n\n", "-6 a=b\n"];
  for (const text of bad.slice(1)) {
    test(`refuses ${JSON.stringify(text)}`, () => {
      expect(readRecords(encodeName(text))).toBeUndefined();
    });
  }

  test("counts the digits of a length", () => {
    for (const length of [0, 1, 2, 3, 88, 89, 90, 91, 985, 986, 987, 988, 989, 99_999]) {
      const records = [{ key: "a", value: new Uint8Array(length).fill(0x0a) }];
      expect(readRecords(formatRecords(records))).toEqual(records);
    }
  });
});

describe("checkMember()", () => {
  for (const path of ["..", "../etc", "a/../../b", "a/.."]) {
    test(`refuses ${path}, and a further name of it`, () => {
      expect(() => checkMember({ kind: "file", path, to: "" })).toThrow(/leads out of it/);
      expect(() => checkMember({ kind: "hard-link", path: "a", to: path })).toThrow(/leads out/);
    });
  }

  test("lets links lead anywhere, and names have dots", () => {
    checkMember({ kind: "link", path: "a/..b/...", to: "../../etc/shadow" });
  });

  test("refuses a NUL", () => {
    expect(() => checkMember({ kind: "file", path: "a\0b", to: "" })).toThrow(/a NUL/);
  });
});

test("formatTail() fills up the last block", () => {
  for (const bytes of [0, 1, 511, 512, 513])
    expect(formatTail({ ...file, ...whole(bytes) }).length).toBe(paddingOf(bytes, 512));
});
