// What is read from files that a session, a boot or a command wrote, and that anybody who holds the
// disk can have changed since.

import { parseSum } from "../../src/core/medium/image-sum.ts";
import { directoriesToList, identifyLayout } from "../../src/core/medium/layout.ts";
import { formatChanges, parseHead, parseIndex } from "../../src/core/resize/kept-changes.ts";
import { parseBootRecord } from "../../src/core/status/boot-record.ts";
import { addNext, parseNext, withoutDone } from "../../src/core/stores/next-steps.ts";
import { parseSettings } from "../../src/core/stores/overlay-settings.ts";
import { addBoot, completeBoot, parseBoots } from "../../src/core/stores/past-boots.ts";
import {
  findUnfinished,
  formatResizeRecord,
  parseResizeRecord,
} from "../../src/core/stores/resize-record.ts";
import { identifyStore } from "../../src/core/stores/store-directory.ts";
import {
  formatEndedRecord,
  formatUsedRecord,
  mostRecordBytes,
  parseRecord,
} from "../../src/core/stores/store-record.ts";
import { Failure } from "../../src/core/text/failure.ts";
import { partsOf, promise, promiseSame, type Reader, textOf } from "./reader.ts";

const session = { boot: "b", machine: "m", started: "2026-01-31T10:20:00Z" };

/** Returns what a record has under a key, or undefined. */
function parseValue(input: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(input));
  } catch {
    return undefined;
  }
}

const readersOfRecords: readonly Reader[] = [
  {
    name: "store-record",
    words: [
      '"format":',
      '"id":',
      '"overlay":',
      '"session":',
      '"base":',
      '"modules":[{"name":',
      '"state":"open"',
      "1e999",
    ],
    read: (input) => {
      const text = textOf(input);
      const found = parseRecord(text);
      if (found.kind !== "record" || text.length > mostRecordBytes) return;
      const written = formatUsedRecord(found.record, { base: found.record.base, session });
      promise(written.length <= mostRecordBytes, "what is written can be read");
      promise(parseRecord(written).kind === "record", "a record reads back");
      const ended = formatEndedRecord(written, { boot: "b", ended: "2026-01-31T11:00:00Z" });
      promise(ended !== undefined && parseRecord(ended).kind === "record", "a session ends");
    },
  },
  {
    name: "past-boots",
    words: ['{"started":"2026-01-31T10:20:00Z"', '"session":"volatile"', '"phases":{', "1e999"],
    read: (input) => {
      const found = parseBoots(parseValue(input));
      const { boots } = found;
      if ("fault" in found) promise(found.fault.length < 4096, "a sentence is short");
      const phases = {};
      const begun = addBoot(boots, { started: session.started, session: "persistent", phases });
      const done = completeBoot(begun, session.started, { uptimeMs: 5 });
      const again = parseBoots(JSON.parse(JSON.stringify(done)));
      promise(!("fault" in again), "what is written can be read");
      promise(again.boots.length <= 20, "the oldest go");
      promiseSame(again.boots.at(-1)?.started, session.started, "the newest is the last");
    },
  },
  {
    name: "next-steps",
    words: ['{"do":"remove-same","path":"/a","inode":1}', '"path":"/a/../b"', '"inode":1e999'],
    read: (input) => {
      const value = parseValue(input);
      const next = parseNext(value);
      for (const { path, inode } of next) {
        const names = path.split("/").slice(1);
        const isInside = !names.some((name) => ["", ".", ".."].includes(name));
        promise(path.startsWith("/") && isInside, "a path stays inside");
        promise(Number.isInteger(inode) && inode >= 1, "an inode is a number");
      }
      promiseSame(parseNext(addNext(value, next) ?? next), next, "what is added is read back");
      promiseSame(parseNext(withoutDone(value)), [], "what is done is gone");
    },
  },
  {
    name: "image-sum",
    words: ["0123456789abcdef".repeat(8), "  airootfs.sfs\n", " *airootfs.sfs\n"],
    read: (input) => {
      const image = "sysresccd/x86_64/airootfs.sfs";
      const sum = parseSum(textOf(input), { name: "archiso", image, nested: [] });
      promise(sum === undefined || /^[0-9a-f]{128}$/.test(sum), "a sum has 128 digits");
    },
  },
  {
    name: "resize-record",
    words: ['"format":1', '"operation":"grow"', '"from":', '"stage":"applying"', '"scratch":""'],
    read: (input) => {
      const text = textOf(input);
      findUnfinished({ path: "/sysrcd.bs", intent: text });
      try {
        const found = parseResizeRecord(text, "/sysrcd.bs");
        promiseSame(
          parseResizeRecord(formatResizeRecord(found), "/sysrcd.bs"),
          found,
          "a record reads back",
        );
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
      }
    },
  },
  {
    name: "boot-record",
    words: ['"session":"persistent"', '"store":', '"problems":[', "null", '"bytes":'],
    read: (input) => {
      parseBootRecord(textOf(input));
    },
  },
  {
    name: "overlay-settings",
    words: ["index=", "metacopy=", "xino=", "redirect_dir=", "on", "off", ",", "nofollow"],
    read: (input) => {
      parseSettings(textOf(input));
    },
  },
  {
    // The first 32 bytes are the line at its beginning.
    name: "kept-changes",
    words: ["backstore changes 1 ", "[", "]", ",", "\n"],
    read: (input) => {
      const text = textOf(input);
      const head = parseHead(text.slice(0, 32));
      promise(head === undefined || Number.isSafeInteger(head), "a length is one");
      const index = text.slice(32);
      for (const bytes of [input.length, 32 + index.length, 2 ** 40]) {
        const ranges = parseIndex(index, bytes);
        if (ranges === undefined) continue;
        promise(
          ranges.every((range) => range.offset >= 0 && range.bytes > 0),
          "a range is one",
        );
        promise(formatChanges(ranges).length > 32, "changes are written");
      }
    },
  },
  {
    // The names at the top of a medium, or paths on it.
    name: "layout",
    words: ["live/filesystem.squashfs\n", "/x86_64/airootfs.sfs\n", "casper/", ".squashfs\n"],
    read: (input) => {
      const names = textOf(input).split("\n");
      for (const baseDirectory of [undefined, names[0] ?? ""]) {
        const request = { baseDirectory, machine: "x86_64" };
        promise(directoriesToList(names, request).length <= 1100, "few directories are listed");
        const found = identifyLayout(names, request);
        if (found !== undefined && "refused" in found)
          promise(found.refused.length < 4096, "a sentence is short");
      }
    },
  },
  {
    // The names in a store's directory, and its record.
    name: "store-directory",
    words: ["upperdir\n", "workdir\n", "backstore.json\n", "lost+found\n"],
    read: (input) => {
      const [first = "", record = ""] = partsOf(input, 2);
      for (const hasRecord of [false, true])
        identifyStore({
          directory: "",
          exists: true,
          obstacle: undefined,
          names: first.split(" "),
          record: hasRecord ? record : undefined,
          traces: undefined,
        });
    },
  },
];

export { readersOfRecords };
