import { describe, expect, test } from "vitest";
import {
  chooseStoreSettings,
  findForeignMount,
  findForeignWrites,
} from "../../../src/core/session/foreign-writes.ts";
import type { OverlayMount } from "../../../src/core/stores/overlay-mount.ts";
import {
  formatAllSettings,
  newStoreSettings,
  type OverlaySettings,
  type OverlayTraces,
} from "../../../src/core/stores/overlay-settings.ts";
import { parseRecord } from "../../../src/core/stores/store-record.ts";

const ours: OverlayMount = { kind: "born", time: "2026-01-31T10:20:30.000000005Z" };
const theirs: OverlayMount = { kind: "born", time: "2026-02-01T08:00:00.000000000Z" };
const nothing: OverlayTraces = { metacopy: false, redirect: false, incomplete: false };
const none = "index=off,metacopy=off,xino=off,redirect_dir=nofollow";
const followed = "index=off,metacopy=off,xino=off,redirect_dir=follow";
const all = "index=off,metacopy=on,xino=off,redirect_dir=on";
const since = "the store since its last session with backstore";

describe("findForeignWrites()", () => {
  const cases: readonly {
    readonly is: string;
    readonly recorded?: OverlayMount;
    readonly settings?: Partial<OverlaySettings>;
    readonly seen?: OverlayMount;
    readonly traces?: Partial<OverlayTraces>;
    readonly options: string;
    readonly says?: string;
  }[] = [
    { is: "nothing of a store that nobody has mounted", recorded: ours, seen: ours, options: none },
    {
      is: "what was found, without other needs",
      recorded: ours,
      seen: theirs,
      traces: {},
      options: none,
      says: `Another system, or a boot that was interrupted, has mounted ${since} (mounted 2026-02-01 08:00 UTC): its changes need no other overlay options`,
    },
    {
      is: "redirects",
      recorded: ours,
      seen: theirs,
      traces: { redirect: true },
      options: followed,
      says: `Another system has written to ${since} (mounted 2026-02-01 08:00 UTC): it is used with redirect_dir=follow now, which the new changes need`,
    },
    {
      is: "metacopy",
      recorded: ours,
      seen: theirs,
      traces: { metacopy: true },
      options: all,
      says: `Another system has written to ${since} (mounted 2026-02-01 08:00 UTC): it is used with redirect_dir=on and metacopy=on now, which the new changes need`,
    },
    {
      is: "too many changes",
      recorded: ours,
      seen: theirs,
      traces: { incomplete: true },
      options: all,
      says: `Another system, or a boot that was interrupted, has mounted ${since} (mounted 2026-02-01 08:00 UTC): it has more changes than are examined, and is used with redirect_dir=on and metacopy=on, which some of them may need`,
    },
    { is: "nothing of a work directory that is gone", recorded: ours, traces: {}, options: none },
    {
      is: "changes that came from elsewhere, with a work directory that is gone",
      recorded: ours,
      traces: { redirect: true },
      options: followed,
      says: `Another system has written to ${since}: it is used with redirect_dir=follow now, which the new changes need`,
    },
    { is: "nothing of a record without a mount", seen: theirs, traces: {}, options: none },
    {
      is: "what the changes need although the record, without a mount, says otherwise",
      seen: theirs,
      traces: { redirect: true },
      options: followed,
      says: `Another system has written to ${since}: it is used with redirect_dir=follow now, which the new changes need`,
    },
    {
      is: "nothing new of what the record has",
      settings: { metacopy: "on", redirect_dir: "on" },
      seen: theirs,
      traces: { metacopy: true, redirect: true },
      options: all,
    },
  ];
  for (const { is, recorded, settings, seen, traces, options, says } of cases)
    test(`findForeignWrites() reports ${is}`, () => {
      const text = JSON.stringify({
        format: 1,
        id: "a",
        overlay: formatAllSettings({ ...newStoreSettings, ...settings }),
        overlayMount: recorded,
      });
      const facts = {
        ...(seen && { overlayMount: seen }),
        traces: traces && { ...nothing, ...traces },
      };
      const record = parseRecord(text);
      expect(formatAllSettings(chooseStoreSettings(facts, record))).toBe(options);
      expect(findForeignWrites(facts, record, "the store")).toEqual(says ? [says] : []);
      const isForeign = recorded !== undefined && seen === theirs;
      expect(findForeignMount(facts, record)).toEqual(isForeign ? theirs : undefined);
    });

  test("findForeignWrites() reports nothing of a store without a record", () => {
    const facts = { overlayMount: theirs, traces: { ...nothing, redirect: true } };
    expect(findForeignWrites(facts, undefined, "the store")).toEqual([]);
    expect(formatAllSettings(chooseStoreSettings(facts, undefined))).toBe(followed);
  });
});
