// The smallest images that readers of ISO 9660 and of EFI partitions in them are tested with, made
// byte by byte: files by their paths, in directories of a block each.
import { openSource, type Source } from "../../src/core/bytes/source.ts";
import { write } from "./formats.ts";

const blockBytes = 2048;

/** What is in an image. */
export interface IsoParts {
  readonly files: Readonly<Record<string, string>>;
  readonly rockRidge?: boolean;
  readonly joliet?: boolean;
}

/** A directory of an image, and its block. */
interface Place {
  readonly block: number;
  readonly bytes: number;
}

/** Returns an image as readers get it. */
export function sourceOf(image: Uint8Array): Source {
  return openSource((offset, length) => image.slice(offset, offset + length), image.length);
}

function latin(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function wide(text: string): Uint8Array {
  return Uint8Array.from(
    [...text].flatMap((character) => [character.charCodeAt(0) >> 8, character.charCodeAt(0) & 255]),
  );
}

function both(value: number): number[] {
  const [a, b, c, d] = [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];
  return [a, b, c, d, d, c, b, a] as number[];
}

/** A field of Rock Ridge. */
function field(name: string, body: readonly number[]): number[] {
  return [...latin(name), body.length + 4, 1, ...body];
}

function record(
  name: Uint8Array,
  { block, bytes }: Place,
  { flags, use }: { flags: number; use: readonly number[] },
): number[] {
  const padded = 33 + name.length + ((33 + name.length) % 2);
  const length = padded + use.length + (use.length % 2);
  const made = new Uint8Array(length);
  made.set([length, 0, ...both(block), ...both(bytes)]);
  made[25] = flags;
  made[32] = name.length;
  made.set(name, 33);
  made.set(use, padded);
  return [...made];
}

/** Makes an image with a boot catalog for BIOS and UEFI. */
export function isoImage({ files, rockRidge = true, joliet = false }: IsoParts): Uint8Array {
  const paths = Object.keys(files);
  const directories = ["", ...new Set(paths.flatMap(parents))];
  const trees = joliet ? ["primary", "joliet"] : ["primary"];
  const first = 24;
  const blockOf = (tree: number, directory: string) =>
    first + tree * directories.length + directories.indexOf(directory);
  const dataAt = first + trees.length * directories.length;
  const image = new Uint8Array((dataAt + paths.length) * blockBytes);
  for (const [index, path] of paths.entries())
    image.set(latin(files[path] ?? ""), (dataAt + index) * blockBytes);
  for (const tree of trees.keys())
    for (const directory of directories) {
      const self = { block: blockOf(tree, directory), bytes: blockBytes };
      const isWide = tree === 1;
      const hasUse = rockRidge && !isWide;
      const mark = directory === "" ? field("SP", [0xbe, 0xef, 0]) : [];
      const made = [
        ...record(Uint8Array.of(0), self, { flags: 2, use: hasUse ? mark : [] }),
        ...record(Uint8Array.of(1), self, { flags: 2, use: [] }),
      ];
      const add = (name: string, place: Place, flags: number) => {
        const plain = flags === 2 ? name.toUpperCase() : `${name.toUpperCase()};1`;
        const mode = flags === 2 ? 0o040755 : 0o100644;
        const use = hasUse
          ? [...field("PX", [...both(mode), ...both(1)]), ...field("NM", [0, ...latin(name)])]
          : [];
        made.push(...record(isWide ? wide(name) : latin(plain), place, { flags, use }));
      };
      for (const other of directories)
        if (other !== "" && parentOf(other) === directory)
          add(nameOf(other), { block: blockOf(tree, other), bytes: blockBytes }, 2);
      for (const [index, path] of paths.entries())
        if (parentOf(path) === directory)
          add(nameOf(path), { block: dataAt + index, bytes: files[path]?.length ?? 0 }, 0);
      image.set(made, self.block * blockBytes);
    }
  const root = (tree: number) =>
    record(
      Uint8Array.of(0),
      { block: blockOf(tree, ""), bytes: blockBytes },
      { flags: 2, use: [] },
    );
  const blocks = image.length / blockBytes;
  const descriptor = (at: number, start: string, tree: number) => {
    write(image, at * blockBytes, ["text", 0, start], ["text", 40, "LABEL".padEnd(32)]);
    image.set(both(blocks), at * blockBytes + 80);
    image.set(root(tree), at * blockBytes + 156);
  };
  descriptor(16, "\x01CD001\x01", 0);
  write(image, 17 * blockBytes, ["text", 0, "\x00CD001\x01EL TORITO SPECIFICATION"]);
  write(image, 17 * blockBytes, ["u32le", 0x47, 20]);
  if (joliet) {
    descriptor(18, "\x02CD001\x01", 1);
    write(image, 18 * blockBytes, ["text", 88, "%/E"]);
  }
  write(image, (joliet ? 19 : 18) * blockBytes, ["text", 0, "\xffCD001\x01"]);
  write(
    image,
    20 * blockBytes,
    ["u8", 0, 1],
    ["u8", 32, 0x88],
    ["u32le", 40, 22],
    ["u8", 64, 0x91],
    ["u8", 65, 0xef],
    ["u8", 66, 1],
    ["u8", 96, 0x88],
    ["u32le", 104, 23],
  );
  return image;
}

function parents(path: string): string[] {
  const names = path.split("/");
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join("/"));
}

function parentOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Makes FAT12 with one directory that has a file of a long name. */
export function fatImage(directory: string, name: string, contents: string): Uint8Array {
  const [reserved, tableSectors, rootEntries, sectors] = [1, 1, 16, 64];
  const image = new Uint8Array(sectors * 512);
  write(
    image,
    0,
    ["text", 0, "\xeb\x3c\x90mkfs.fat"],
    ["u16le", 11, 512],
    ["u8", 13, 1],
    ["u16le", 14, reserved],
    ["u8", 16, 1],
    ["u16le", 17, rootEntries],
    ["u16le", 19, sectors],
    ["u8", 21, 0xf8],
    ["u16le", 22, tableSectors],
    ["text", 54, "FAT12   "],
    ["text", 510, "\x55\xaa"],
  );
  const rootAt = (reserved + tableSectors) * 512;
  const dataAt = rootAt + rootEntries * 32;
  const used = Math.max(1, Math.ceil(contents.length / 512));
  const chain = [
    0xff8,
    0xfff,
    0xfff,
    ...Array.from({ length: used - 1 }, (_, at) => at + 4),
    0xfff,
  ];
  for (const [cluster, next] of chain.entries()) {
    const at = 512 + Math.floor((cluster * 3) / 2);
    const pair = (image[at] ?? 0) | ((image[at + 1] ?? 0) << 8);
    const value = cluster % 2 === 0 ? (pair & 0xf000) | next : (pair & 0x000f) | (next << 4);
    image.set([value & 255, value >> 8], at);
  }
  const entry = (at: number, short: string, [attributes, cluster, bytes]: readonly number[]) =>
    write(
      image,
      at,
      ["text", 0, short.padEnd(11)],
      ["u8", 11, attributes ?? 0],
      ["u16le", 26, cluster ?? 0],
      ["u32le", 28, bytes ?? 0],
    );
  entry(rootAt, directory.toUpperCase(), [0x10, 2, 0]);
  entry(dataAt, ".", [0x10, 2, 0]);
  entry(dataAt + 32, "..", [0x10, 0, 0]);
  const units = [...name, "\0"].map((character) => character.charCodeAt(0));
  const parts = Math.ceil(units.length / 13);
  for (let part = 0; part < parts; part++) {
    const at = dataAt + (2 + parts - 1 - part) * 32;
    const isLast = part === parts - 1;
    write(image, at, ["u8", 0, (part + 1) | (isLast ? 0x40 : 0)], ["u8", 11, 0x0f]);
    for (let index = 0; index < 13; index++) {
      const place =
        index < 5 ? 1 + index * 2 : index < 11 ? 14 + (index - 5) * 2 : 28 + (index - 11) * 2;
      write(image, at, ["u16le", place, units[part * 13 + index] ?? 0xffff]);
    }
  }
  entry(dataAt + (2 + parts) * 32, "FILE~1  CON", [0x20, 3, contents.length]);
  image.set(latin(contents), dataAt + 512);
  return image;
}
