import { expect, test } from "vitest";
import { describe } from "../../../src/core/steps/step.ts";
import type { Generator } from "../../../src/core/takeover/identify-initramfs.ts";
import { planInitramfsStart } from "../../../src/core/takeover/plan-initramfs-start.ts";

/** As mkinitcpio writes it. */
const config = `MODULES=""
EARLYHOOKS="udev"
HOOKS="udev memdisk archiso"
LATEHOOKS=""
CLEANUPHOOKS="shutdown udev"
`;

function plan(generator: Generator, mkinitcpioConfig = "") {
  return planInitramfsStart({ generator, mkinitcpioConfig });
}

test("planInitramfsStart() puts the hook of mkinitcpio behind all others, and may fail", () => {
  const { steps, result } = plan("mkinitcpio", config);
  expect(steps).toEqual([
    {
      do: "append-file",
      path: "/config",
      text: '\nLATEHOOKS="$LATEHOOKS backstore"\n',
      optional: true,
    },
  ]);
  expect(steps.map(describe)).toEqual(['append 34 B to "/config"']);
  expect(result).toEqual({ generator: "mkinitcpio", unsupported: undefined });
});

test("planInitramfsStart() lets linux-live source its hook with its functions", () => {
  const { steps, result } = plan("linux-live");
  expect(steps).toEqual([
    {
      do: "append-file",
      path: "/lib/livekitlib",
      text: "\n. /backstore-linux-live.sh\n",
      optional: true,
    },
  ]);
  expect(result.unsupported).toBeUndefined();
});

test("planInitramfsStart() adds the hook where others have a similar name", () => {
  for (const line of ['LATEHOOKS="my-backstore backstore2"', 'HOOKS="backstore"', "# backstore"])
    expect(plan("mkinitcpio", `${config}${line}\n`).steps).toHaveLength(1);
});

test("planInitramfsStart() adds the hook only once, and not to one that was made with it", () => {
  const added = plan("mkinitcpio", config).steps.flatMap((step) =>
    step.do === "append-file" ? step.text : [],
  );
  const told = ['"backstore"', "backstore", '"usr backstore"', "'backstore usr'"];
  const configs = [
    `${config}${added.join("")}`,
    ...told.map((value) => config.replace('LATEHOOKS=""', `LATEHOOKS=${value}`)),
  ];
  for (const one of configs) expect([one, plan("mkinitcpio", one).steps]).toEqual([one, []]);
});

test("planInitramfsStart() changes nothing where a file that is only added is picked up", () => {
  for (const generator of ["initramfs-tools", "dracut", "mx", "backstore"] as const) {
    const { steps, result } = plan(generator, config);
    expect([steps, result.unsupported]).toEqual([[], undefined]);
  }
});

test("planInitramfsStart() names what is not supported, and changes nothing", () => {
  const named = {
    nixos: /^NixOS's initramfs is not supported$/,
    liveslak: /^liveslak's /,
    alpine: /^Alpine's /,
    puppy: /^Puppy's /,
    "mkinitcpio-systemd": /^mkinitcpio's initramfs with systemd in it is not supported$/,
    unknown: /^the initramfs is not of a kind that is supported$/,
  } as const;
  for (const [generator, words] of Object.entries(named)) {
    // The compiler cannot follow the keys of an object through Object.entries.
    const { steps, result } = plan(generator as Generator, config);
    expect([generator, steps]).toEqual([generator, []]);
    expect(result.unsupported).toMatch(words);
  }
});
