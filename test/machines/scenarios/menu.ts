// A user at the console: the menu on a serial line and on the console of a screen, with keys that
// are really pressed.

import { finds, usedHost } from "../file-scenario.ts";
import type { Keyboard } from "../machine.ts";
import {
  type Boot,
  defaultDirectory,
  forgets,
  keeps,
  medium,
  type Place,
  type Scenario,
  store,
} from "../scenario.ts";

/** The menu is complete, and waits. */
const asks = /and press Enter \(Enter alone: \w\)\.\n> $/;
const isChosen = { console: [/every change is kept, as chosen at the console/] };

export const menus: readonly Scenario[] = [
  {
    name: "ask-second",
    title:
      "backstore=ask: the second of two stores with one label is chosen on a serial line, twice",
    disks: twins,
    cmdline: "cow_label=store backstore=ask",
    boots: keeps("store", isChosen).map(typing("2\r")),
  },
  {
    name: "ask-enter",
    title: "backstore=ask: Enter alone takes the store that would have been taken",
    disks: (place) => [medium(place), usedHost(place, { type: "ext4" })],
    cmdline: "backstore=alldev,ask",
    boots: [finds("persistent", { store: "store", ...isChosen })].map(typing("\r")),
  },
  {
    name: "ask-details",
    title:
      "backstore=ask: details are shown, what is not offered is refused, and then no store is taken",
    both: true,
    disks: twins,
    writes: [],
    cmdline: "cow_label=store backstore=ask",
    boots: forgets({
      console: [
        /both labelled "store", so none was\n?[\s\S]*used/,
        /Devices \(\+ the store, - not\)\n- <medium>/,
        /"sh" is not one of the choices/,
        /volatile session: .*the choice at the console/,
      ],
    }).map((boot) => ({
      ...boot,
      hands: [
        { when: asks, types: "d\r" },
        { when: /Devices \(\+[\s\S]*\n> $/, types: "sh\r" },
        { when: /"sh" is not one of the choices\.\n> $/, types: "v\r" },
      ],
    })),
  },
  {
    name: "required-volatile",
    title:
      "backstore=required without the store: the menu looks once more, and goes on without a store",
    disks: (place) => [medium(place)],
    writes: [],
    cmdline: "cow_label=nowhere backstore=required,wait=1",
    boots: forgets({
      console: [
        /Stop, because backstore=required/,
        /there is no device labelled "nowhere"/,
        /> t\n+No store was found\. What should be done\?\n[\s\S]*> v\n/,
      ],
    }).map((boot) => ({
      ...boot,
      hands: [
        { when: asks, types: "t\r" },
        { when: /> t\n[\s\S]*\n> $/, types: "v\r" },
      ],
    })),
  },
  {
    name: "required-power-off",
    title:
      "backstore=required without the store: control keys give no shell, and the menu powers off",
    disks: twins,
    needs: "a machine that can be powered off",
    writes: [],
    cmdline: "cow_label=nowhere backstore=required,wait=1",
    boots: [
      {
        hands: [
          { when: asks, types: "\x03\x1a\x1c\x04/bin/sh\r" },
          { when: /"\/bin\/sh" is not one of the choices\.\n> $/, types: "p\r" },
        ],
        expect: { session: "stopped", console: [/reboot: Power down/] },
      },
    ],
  },
  {
    name: "required-restart",
    title: "backstore=required without the store: the menu restarts",
    disks: twins,
    writes: [],
    cmdline: "cow_label=nowhere backstore=required,wait=1",
    boots: [
      {
        hands: [{ when: asks, types: "r\r" }],
        expect: { session: "stopped", console: [/reboot: Restarting system/] },
      },
    ],
  },
  {
    name: "required-plugged",
    title:
      "backstore=required without the store: it is plugged in at the menu, and the boot goes on",
    disks: (place) => [medium(place), store(place, {}, { bus: "usb", absent: true })],
    cmdline: "cow_label=store backstore=required,wait=1",
    boots: keeps("store").map((boot) => ({ ...boot, hands: [{ when: asks, plugs: "store" }] })),
  },
  {
    name: "no-medium",
    title: "where there is no medium, p and Enter power off the machine",
    disks: (place) => [store(place)],
    needs: "a machine that can be powered off",
    writes: [],
    cmdline: "backstore=wait=1",
    boots: [
      {
        hands: [
          { when: /or type r to restart or p to power off, and press Enter\n/, types: "p\r" },
        ],
        expect: { session: "stopped", console: [/reboot: Power down/] },
      },
    ],
  },
  ...(["ps2", "usb"] as const).map(withKeyboard),
];

function typing(text: string): (boot: Boot) => Boot {
  return (boot) => ({ ...boot, hands: [{ when: asks, types: text }] });
}

/** Two stores with one label, of which the second is to be used. */
function twins(place: Place) {
  return [medium(place), store(place, {}, { name: "twin" }), store(place)];
}

function withKeyboard(keyboard: Keyboard): Scenario {
  return {
    name: `ask-${keyboard}`,
    title: `backstore=ask: the second store is chosen on the screen's console, with a ${keyboard === "usb" ? "USB" : "PS/2"} keyboard`,
    disks: twins,
    // The serial line has the kernel's log only. A kernel that QEMU starts itself has no screen to
    // show the menu on, but the console and its keyboards are there anyway.
    cmdline: "cow_label=store backstore=ask console=tty0 loglevel=6",
    boots: [
      {
        keyboard,
        hands: [{ when: /waiting for an answer at the console/, presses: ["2", "ret"] }],
        expect: {
          session: "persistent",
          store: "store",
          directory: defaultDirectory,
          console: [/session persistent, as chosen at the console/],
        },
      },
    ],
  };
}
