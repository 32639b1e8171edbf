import { expect, test } from "vitest";
import {
  formatDeviceNumber,
  joinDeviceNumber,
  splitDeviceNumber,
} from "../../../src/core/kernel/device-number.ts";

test("formatDeviceNumber() takes a number apart as makedev(3) put it together", () => {
  expect(formatDeviceNumber(0)).toBe("0:0");
  expect(formatDeviceNumber(0x0802)).toBe("8:2");
  expect(formatDeviceNumber(0x0802, 16)).toBe("08:02");
  // Minors and majors beyond 255.
  expect(formatDeviceNumber(0x100000 + 0x10301)).toBe("259:257");
  expect(formatDeviceNumber(0x100000 + 0x10301, 16)).toBe("103:101");
});

test("joinDeviceNumber() puts together what splitDeviceNumber() takes apart", () => {
  for (const number of [0, 0x0802, 0x100000 + 0x10301, 0xfff00000 + 0xfffff])
    expect(joinDeviceNumber(splitDeviceNumber(number))).toBe(number);
  expect(splitDeviceNumber(0x100000 + 0x10301)).toEqual({ major: 259, minor: 257 });
});
