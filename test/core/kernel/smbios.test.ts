import { expect, test } from "vitest";
import { readOemStrings } from "../../../src/core/kernel/smbios.ts";

/** Makes a structure: its type, what is in its formatted part, and its strings. */
function structure(type: number, formatted: readonly number[], strings: readonly string[]) {
  const texts = strings.length === 0 ? "\0" : strings.map((one) => `${one}\0`).join("");
  return Buffer.concat([
    Buffer.from([type, 4 + formatted.length, 0, 0, ...formatted]),
    Buffer.from(`${texts}\0`),
  ]);
}

const bios = structure(0, [1, 2, 0, 0xe8], ["SeaBIOS", "11"]);
const processor = structure(4, [0, 0], []);
const oem = structure(11, [2], ["first=1", "größe"]);
const more = structure(11, [1], ["second"]);
const end = structure(127, [], []);

test("readOemStrings() lists the strings of each such structure, and stops at the end", () => {
  const table = Buffer.concat([bios, processor, oem, bios, more, end, oem]);
  expect(readOemStrings(table)).toEqual(["first=1", "größe", "second"]);
  expect(readOemStrings(Buffer.concat([processor, end]))).toEqual([]);
  expect(readOemStrings(structure(11, [0], []))).toEqual([]);
});

test("readOemStrings() reads nothing of a structure that is cut off", () => {
  for (let length = 0; length < oem.length; length++)
    expect(readOemStrings(oem.subarray(0, length)), String(length)).toEqual([]);
  expect(readOemStrings(Buffer.concat([more, oem.subarray(0, 12)]))).toEqual(["second"]);
  expect(readOemStrings(Buffer.concat([Buffer.from([11, 3, 0, 0]), more]))).toEqual([]);
});
