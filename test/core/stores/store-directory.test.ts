import { describe, expect, test } from "vitest";
import type { OverlayTraces } from "../../../src/core/stores/overlay-settings.ts";
import { type DirectoryFacts, identifyStore } from "../../../src/core/stores/store-directory.ts";

const overlay = "index=off,metacopy=off,xino=off,redirect_dir=nofollow";
const record = JSON.stringify({ format: 1, id: "x", overlay });
const traces: OverlayTraces = { metacopy: false, redirect: false, incomplete: false };

const cases: readonly (readonly [is: string, facts: Partial<DirectoryFacts>, state: string])[] = [
  ["a directory that is missing", { exists: false }, "new"],
  ["an empty one", { names: [] }, "new"],
  ["one with lost+found", { names: ["lost+found"] }, "new"],
  [
    "one that a first boot left half made",
    { names: ["lost+found", "upperdir.new", "workdir"] },
    "new",
  ],
  ["a store of SystemRescue 6", { names: ["upperdir", "workdir"], traces }, "store"],
  ["a store with other things beside", { names: ["photos", "upperdir"], traces }, "store"],
  [
    "a store with a record",
    { names: ["backstore.json", "upperdir", "workdir"], record },
    "store, record",
  ],
  ["a record alone", { names: ["backstore.json"], record }, "store, record"],
  [
    "a store with a record that cannot be read",
    { names: ["backstore.json", "upperdir"], record: "" },
    "store, unreadable",
  ],
  [
    "a store of the first generation",
    { names: [".wh..wh.aufs", ".wh..wh.orph", "etc"] },
    'refused: "kept" contains a store of the first generation (aufs), which is left untouched',
  ],
  [
    "a store of the first generation at the top",
    { directory: "", names: [".wh..wh.plnk"] },
    "refused: the root of the file system contains a store of the first generation (aufs), which is left untouched",
  ],
  [
    "somebody's files",
    { names: ["lost+found", "photos", "videos"] },
    'refused: "kept" is not a store and not empty (it contains "photos")',
  ],
  [
    "a name that would forge a line",
    { names: ["a\n\u001b[2J"] },
    'refused: "kept" is not a store and not empty (it contains "a\\n\\u001b[2J")',
  ],
  [
    "a link on the way",
    { obstacle: "kept/upperdir" },
    'refused: "kept/upperdir" is not a directory, and links are not followed',
  ],
  [
    "a link to what looks like a store",
    { obstacle: "kept", names: ["upperdir"] },
    'refused: "kept" is not a directory, and links are not followed',
  ],
];

describe("identifyStore()", () => {
  for (const [is, facts, state] of cases) {
    test(`identifyStore() knows ${is}`, () => {
      const found = identifyStore({
        directory: "kept",
        exists: true,
        obstacle: undefined,
        names: [],
        record: undefined,
        traces: undefined,
        ...facts,
      });
      const shown = {
        new: () => "new",
        store: () =>
          found.kind === "store" && found.record ? `store, ${found.record.kind}` : "store",
        refused: () => (found.kind === "refused" ? `refused: ${found.reason}` : ""),
      };
      expect(shown[found.kind]()).toBe(state);
    });
  }
});
