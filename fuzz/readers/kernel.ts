// What is read from the kernel's tables, where users and devices choose names, and from what other
// programs wrote or say.

import { decodeUtf8, decodeUtf16, encodeUtf8 } from "../../src/core/bytes/utf.ts";
import { readElf } from "../../src/core/initramfs/elf.ts";
import { listLibraryPaths, parseKnownLibraries } from "../../src/core/initramfs/library-search.ts";
import { parseAvailableMemory, parseUnwritten } from "../../src/core/kernel/memory.ts";
import {
  findMountAbove,
  layersOf,
  parseMountInfo,
  upperOf,
} from "../../src/core/kernel/mount-table.ts";
import { matchGlob } from "../../src/core/modules/glob.ts";
import { readModinfo } from "../../src/core/modules/modinfo.ts";
import {
  aliasGroupNames,
  formatAliasGroups,
  groupAliases,
  matchAliases,
  parseAliasGroup,
  parseAliasLines,
} from "../../src/core/modules/module-aliases.ts";
import {
  normalName,
  parseAliases,
  parseBuiltin,
  parseDependencies,
  parseSoftDependencies,
} from "../../src/core/modules/module-files.ts";
import { findChangesPlace, findRoot } from "../../src/core/status/changes-place.ts";
import { judge } from "../../src/system/checkers/judge-checker.ts";
import { discoverDevices } from "../../src/system/devices/discover-devices.ts";
import { discoverImage } from "../../src/system/devices/discover-image.ts";
import { readOsRelease, readRelease } from "../../src/system/medium/inspect-release.ts";
import type { FileStatus, System } from "../../src/system/port/system.ts";
import { findLocker, findMounter, findOpener } from "../../src/system/usage/find-holder.ts";
import { ErrnoError } from "../../test/support/memory/errors.ts";
import { diskOf, partsOf, promise, promiseSame, type Reader, textOf } from "./reader.ts";

const file: FileStatus = {
  kind: "file",
  mode: 0o644,
  uid: 0,
  gid: 0,
  bytes: 1000,
  allocatedBytes: 1000,
  inode: 12,
  device: 0x801,
  deviceNumber: 0x801,
  links: 1,
};

/** A System of which only what the reader in question calls is there. */
function systemOf(functions: Partial<System>): System {
  // A call of anything else is a TypeError, which is a finding.
  return functions as System;
}

/** Text as the port reads the kernel's tables: bytes that are not UTF-8 as lone surrogates. */
function pathsOf(input: Uint8Array): string {
  const text = textOf(input);
  if (!text.includes("\ufffd")) return text;
  let paths = "";
  for (const byte of input) paths += String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte);
  return paths;
}

const tools = ["e2fsck", "xfs_repair", "btrfs", "fsck.f2fs"];

// In the engine there is none; there the other promises still count.
const decoders = globalThis as { TextDecoder?: new (name: string, options: object) => Decoder };

interface Decoder {
  decode(bytes: Uint8Array): string;
}

function oracle(name: string, input: Uint8Array): string | undefined {
  const { TextDecoder } = decoders;
  return TextDecoder && new TextDecoder(name, { ignoreBOM: true }).decode(input);
}

const readersOfTables: readonly Reader[] = [
  {
    name: "utf",
    words: ["\ud83d\ude00", "\ufeff", "\u0800"],
    read: (input) => {
      const text = decodeUtf8(input);
      promise(text === (oracle("utf-8", input) ?? text), "UTF-8 is decoded as everywhere");
      promise(decodeUtf8(encodeUtf8(text)) === text, "UTF-8 reads back");
      const wide = decodeUtf16(input);
      promise(wide === (oracle("utf-16le", input) ?? wide), "UTF-16 is decoded as everywhere");
    },
  },
  {
    name: "mount-table",
    words: [
      " - overlay overlay rw,",
      "lowerdir=",
      "upperdir=",
      "\\040",
      "\\134",
      "lowerdir+=",
      "\n",
    ],
    read: (input) => {
      const mounts = parseMountInfo(pathsOf(input));
      for (const mount of mounts.slice(0, 50)) {
        layersOf(mount);
        upperOf(mount);
        findMountAbove(mounts, mount.target);
      }
      const root = findRoot(mounts);
      if (root !== undefined) findChangesPlace(root, { mounts, loops: new Map() });
    },
  },
  {
    name: "memory",
    words: ["MemAvailable: ", "Dirty: ", "Writeback: ", " kB\n"],
    read: (input) => {
      const text = textOf(input);
      const available = parseAvailableMemory(text);
      promise(available === undefined || Number.isSafeInteger(available), "memory has a size");
      parseUnwritten(text);
    },
  },
  {
    // One text stands for all of them: who has locks, what is open, what is mounted, names.
    name: "processes",
    words: ["FLOCK", "POSIX", "ADVISORY", "WRITE", "08:01:12", "ino:\t12\n", "0 EOF\n", " - ext4 "],
    read: (input) => {
      const text = pathsOf(input);
      const system = systemOf({
        status: () => file,
        readText: () => text,
        readLink: () => "/proc/7",
        list: (path) => (path === "/proc" ? ["1", "7", "self", text.slice(0, 9)] : ["3"]),
        hasPartLocks: () => true,
      });
      for (const find of [findLocker, findOpener, findMounter]) {
        const found = find(system, "/media/sysrcd.bs");
        promise(found === undefined || found.length < 10_000, "who holds it is said briefly");
      }
    },
  },
  {
    // A line for each of /sys, then the disk.
    name: "devices",
    words: ["2048\n", "DEVNAME=sda", "PARTN=1", "SD\n", "\x55\xaa"],
    read: (input) => {
      const [size = "", uevent = "", model = ""] = partsOf(input.slice(0, 4096), 4);
      const disk = diskOf(input.subarray(Math.min(input.length, 4096)));
      const system = systemOf({
        list: () => ["sda", "sda1", "sr0"],
        readText: (path) => {
          // Its user chooses nothing in the number of sectors.
          if (path.endsWith("/size")) return size.replaceAll(/\D/g, "").slice(0, 13);
          return path.endsWith("/uevent") ? uevent.replaceAll(";", "\n") : model;
        },
        readBytes: (_, offset, length) => disk(offset, length),
        readLink: () => "/devices/pci0000:00/usb1/1-1/block/sda/sda1",
        deviceBytes: () => input.length,
        status: () => undefined,
        uptimeMs: () => 0,
      });
      discoverDevices(system);
      discoverImage(system, "/image");
    },
  },
  {
    name: "release",
    read: (input) => {
      const disk = { status: { ...file, bytes: input.length }, read: diskOf(input) };
      const text = (mostBytes: number) => {
        if (input.length > mostBytes) throw new ErrnoError("EFBIG");
        return textOf(input);
      };
      const system = systemOf({
        withFile: (_, use) => use({ ...disk, text, data: () => [], sha512: () => "" }),
      });
      const found = readRelease(system, "/medium", { name: "debian", image: "live/a", nested: [] });
      promise(found === undefined || found.length <= 120, "a release is short");
      const own = readOsRelease(system, "/base");
      promise(own === undefined || own.length <= 120, "a release is short");
    },
  },
  {
    // The first byte: which checker, and how it ended.
    name: "checker-output",
    words: ["? no\n", "UNEXPECTED", "[ASSERT]", "ERROR", "bad ", "/dev/loop0: ", "\r"],
    read: (input) => {
      const [first = 0] = input;
      const says = textOf(input.subarray(1));
      const argv = [tools[first & 3] ?? "", "/dev/loop0"];
      const verdict = judge(
        {
          argv,
          status: [0, 1, 4, 8, 12, 127, 255, undefined][first >> 5],
          signal: first >> 5 === 7 ? 9 : undefined,
          stdout: says,
          stderr: "",
        },
        argv,
      );
      promise(verdict.kind !== undefined, "there is a verdict");
    },
  },
  {
    name: "module-files",
    words: ["softdep ", "pre: ", "post: ", "alias ", ".ko.xz: ", "kernel/", "../", "\n"],
    read: (input) => {
      const text = textOf(input);
      for (const { path } of parseDependencies(text))
        promise(!path.startsWith("/") && !path.split("/").includes(".."), "a module stays inside");
      parseSoftDependencies(text);
      parseBuiltin(text);
    },
  },
  {
    // The first line is the name of a device, the others are modules.alias.
    name: "module-aliases",
    words: ["alias ", "pci:v00008086d", "*", "?", "[0-9]", "[!a]", "\\*", "-", "_", " ahci\n"],
    read: (input) => {
      const [name = "", table = ""] = partsOf(input, 2);
      const aliases = parseAliases(table).slice(0, 2000);
      const lines = parseAliasLines(formatAliasGroups(groupAliases(aliases)));
      const found = aliasGroupNames(name).flatMap((group) => {
        const line = lines.get(group);
        return line === undefined ? [] : matchAliases(parseAliasGroup(line), name);
      });
      // What is looked up is what trying each would find, within the groups of the name.
      const groups = aliasGroupNames(name);
      const all = aliases
        .filter(({ pattern }) => groups.includes(aliasGroupNames(pattern)[0] ?? ""))
        .filter(({ pattern }) => matchGlob(pattern, normalName(name)))
        .map(({ module }) => module);
      const sorted = (modules: readonly string[]) => [...new Set(modules)].sort();
      promiseSame(sorted(found), sorted(all), "the tables find what all patterns do");
    },
  },
  {
    // Modules and libraries are those of a running system; what makes an initramfs reads them.
    name: "modinfo",
    words: [".modinfo\0", "firmware=", "license=GPL\0", "\x7fELF\x02\x01"],
    read: (input) => {
      for (const { key } of readModinfo(input) ?? [])
        promise(!key.includes("="), "a key ends at the first sign");
    },
  },
  {
    name: "elf",
    words: ["\x7fELF\x02\x01", "$ORIGIN/../lib", "libc.so.6\0", "pthread_exit\0"],
    read: (input) => {
      const found = readElf(input);
      if (found === undefined) return;
      for (const name of found.needed.slice(0, 20))
        listLibraryPaths(
          { interpreter: found.interpreter ?? "/lib/ld-linux.so.2", known: new Map() },
          { name, origin: "/usr/bin", searchPath: found.searchPath.slice(0, 20) },
        );
    },
  },
  {
    name: "known-libraries",
    words: ["\tlibc.so.6 (libc6,x86-64) => /lib/libc.so.6\n", " => ", "(", ")", "hwcap"],
    read: (input) => {
      parseKnownLibraries(textOf(input));
    },
  },
];

export { readersOfTables };
