import { describe, expect, test } from "vitest";
import {
  allOverlayParameters,
  chooseReadingSettings,
  chooseSettings,
  chooseSettingsAgain,
  findLackingSettings,
  formatAllSettings,
  formatSettings,
  newStoreSettings,
  type OverlaySettings,
  type OverlayTraces,
  parseSettings,
} from "../../../src/core/stores/overlay-settings.ts";

describe("chooseSettings()", () => {
  const none: OverlayTraces = { metacopy: false, redirect: false, incomplete: false };
  const forNew = "index=off,metacopy=off,xino=off,redirect_dir=nofollow";
  const forMetacopy = "index=off,metacopy=on,xino=off,redirect_dir=on";
  const forRedirect = "index=off,metacopy=off,xino=off,redirect_dir=follow";
  const cases: readonly (readonly [is: string, traces: Partial<OverlayTraces>, text: string])[] = [
    ["nothing special as a new store", {}, forNew],
    ["redirects by following them", { redirect: true }, forRedirect],
    ["metacopy with all that it needs", { metacopy: true }, forMetacopy],
    ["both", { metacopy: true, redirect: true }, forMetacopy],
    ["what was not seen as if it were there", { incomplete: true }, forMetacopy],
  ];
  for (const [is, traces, text] of cases) {
    test(`chooseSettings() reads ${is}`, () => {
      expect(formatAllSettings(chooseSettings({ ...none, ...traces }))).toBe(text);
    });
  }
});

describe("chooseSettingsAgain()", () => {
  const none: OverlayTraces = { metacopy: false, redirect: false, incomplete: false };
  const follow: OverlaySettings = { ...newStoreSettings, redirect_dir: "follow" };
  const metacopy: OverlaySettings = { ...newStoreSettings, metacopy: "on", redirect_dir: "on" };
  const text = (settings: OverlaySettings) => formatAllSettings(settings);
  const cases: readonly (readonly [
    is: string,
    recorded: OverlaySettings,
    traces: Partial<OverlayTraces>,
    isForeign: boolean,
    chosen: OverlaySettings,
  ])[] = [
    ["what was found", newStoreSettings, { redirect: true }, true, follow],
    ["what was found, not what is recorded", metacopy, { redirect: true }, true, follow],
    ["nothing that nothing needs", metacopy, {}, false, newStoreSettings],
    [
      "all if another system has written too much",
      newStoreSettings,
      { incomplete: true },
      true,
      metacopy,
    ],
    [
      "what is recorded if nobody has",
      newStoreSettings,
      { incomplete: true },
      false,
      newStoreSettings,
    ],
    [
      "both what is recorded and what was found",
      follow,
      { incomplete: true, metacopy: true },
      false,
      metacopy,
    ],
    ["what is recorded for what was not seen", follow, { incomplete: true }, false, follow],
  ];
  for (const [is, recorded, traces, isForeign, chosen] of cases)
    test(`chooseSettingsAgain() chooses ${is}`, () => {
      const settings = chooseSettingsAgain(recorded, { ...none, ...traces }, isForeign);
      expect(text(settings)).toBe(text(chosen));
    });
});

describe("chooseReadingSettings()", () => {
  const cases: readonly (readonly [written: Partial<OverlaySettings>, text: string])[] = [
    [{}, "index=off,metacopy=off,xino=off,redirect_dir=nofollow"],
    [{ index: "on", xino: "auto" }, "index=off,metacopy=off,xino=off,redirect_dir=nofollow"],
    [{ redirect_dir: "off" }, "index=off,metacopy=off,xino=off,redirect_dir=nofollow"],
    [{ redirect_dir: "on" }, "index=off,metacopy=off,xino=off,redirect_dir=follow"],
    [{ redirect_dir: "follow" }, "index=off,metacopy=off,xino=off,redirect_dir=follow"],
    // The kernel refuses the two together.
    [
      { metacopy: "on", redirect_dir: "nofollow" },
      "index=off,metacopy=on,xino=off,redirect_dir=on",
    ],
  ];
  for (const [written, text] of cases)
    test(`chooseReadingSettings() reads what was written with ${JSON.stringify(written)}`, () => {
      expect(formatAllSettings(chooseReadingSettings({ ...newStoreSettings, ...written }))).toBe(
        text,
      );
    });
});

describe("findLackingSettings()", () => {
  const both = { metacopy: true, redirect: true, incomplete: false };
  const cases: readonly (readonly [
    is: string,
    written: Parameters<typeof findLackingSettings>[0],
    parameters: readonly string[],
    lacking: readonly string[],
  ])[] = [
    ["nothing of a new store", undefined, [], []],
    ["nothing where nothing was written", newStoreSettings, [], []],
    ["nothing of the newest kernel", both, allOverlayParameters, []],
    ["what was seen", both, ["index"], ["metacopy", "redirect_dir"]],
    ["nothing that was not seen", { ...both, metacopy: false }, ["redirect_dir"], []],
    [
      "what a record names",
      { ...newStoreSettings, metacopy: "on", redirect_dir: "on" },
      ["redirect_dir"],
      ["metacopy"],
    ],
    [
      "nothing that only writing takes",
      { ...newStoreSettings, index: "on", xino: "on", redirect_dir: "off" },
      [],
      [],
    ],
  ];
  for (const [is, written, parameters, lacking] of cases)
    test(`findLackingSettings() finds ${is}`, () => {
      expect(findLackingSettings(written, parameters)).toEqual(lacking);
    });
});

describe("formatSettings()", () => {
  const follow: OverlaySettings = { ...newStoreSettings, redirect_dir: "follow" };
  const cases: readonly (readonly [
    is: string,
    settings: OverlaySettings,
    parameters: readonly string[],
    text: string,
  ])[] = [
    ["what the kernel knows", newStoreSettings, ["metacopy", "index"], "index=off,metacopy=off"],
    ["nothing to a kernel that knows nothing", newStoreSettings, [], ""],
    [
      "everything to the newest",
      newStoreSettings,
      allOverlayParameters,
      "index=off,metacopy=off,xino=off,redirect_dir=nofollow",
    ],
    [
      "off for nofollow where that word is not known",
      newStoreSettings,
      ["redirect_dir"],
      "redirect_dir=off",
    ],
    ["on for follow where that word is not known", follow, ["redirect_dir"], "redirect_dir=on"],
    ["nothing of parameters that are no settings", newStoreSettings, ["check_copy_up"], ""],
  ];
  for (const [is, settings, parameters, text] of cases) {
    test(`formatSettings() gives ${is}`, () => {
      expect(formatSettings(settings, parameters)).toBe(text);
    });
  }
});

describe("parseSettings()", () => {
  const values = {
    index: ["on", "off"],
    metacopy: ["on", "off"],
    xino: ["on", "off", "auto"],
    redirect_dir: ["on", "off", "follow", "nofollow"],
  } as const;

  test("parseSettings() reads back every setting that can be written", () => {
    let count = 0;
    for (const index of values.index)
      for (const metacopy of values.metacopy)
        for (const xino of values.xino)
          for (const redirect_dir of values.redirect_dir) {
            const settings = { index, metacopy, xino, redirect_dir };
            expect(parseSettings(formatAllSettings(settings))).toEqual(settings);
            count++;
          }
    expect(count).toBe(48);
  });

  const refused = [
    "",
    ",",
    "index=off",
    "index=off,metacopy=off,xino=off",
    "index=off,metacopy=off,xino=off,redirect_dir=maybe",
    "index=off,metacopy=off,xino=off,redirect_dir=nofollow,lowerdir=/etc",
    "index=off,metacopy=off,xino=off,redirect_dir",
    "index=OFF,metacopy=off,xino=off,redirect_dir=on",
    "index=off ,metacopy=off,xino=off,redirect_dir=on",
  ];
  for (const text of refused) {
    test(`parseSettings() refuses ${JSON.stringify(text)}`, () => {
      expect(parseSettings(text)).toBeUndefined();
    });
  }
});
