import { expect, test } from "vitest";
import {
  describeMissingMembers,
  joinMembers,
  lacksMembers,
} from "../../../src/core/devices/members.ts";
import { device } from "../../support/devices.ts";

const pair = { type: "btrfs", uuid: "aa", members: 2 };
const first = device("/dev/sda", { ...pair, memberUuid: "1" });
const second = device("/dev/sdb", { ...pair, memberUuid: "2" });
const copy = device("/dev/sdc", { ...pair, memberUuid: "2" });
const other = device("/dev/sdd", { ...pair, uuid: "bb", memberUuid: "2" });
const single = device("/dev/sde", { type: "btrfs", uuid: "cc", memberUuid: "1" });

test("joinMembers() tells each member of the others, once", () => {
  const paths = (devices: Parameters<typeof joinMembers>[0]) =>
    joinMembers(devices).map(({ companions = [] }) => companions.map(({ path }) => path));
  expect(paths([first, second, single])).toEqual([["/dev/sdb"], ["/dev/sda"], []]);
  expect(paths([first, second, copy])).toEqual([["/dev/sdb"], ["/dev/sda"], ["/dev/sda"]]);
  expect(paths([first, other])).toEqual([[], []]);
});

test("describeMissingMembers() counts what is here", () => {
  const [joined = first] = joinMembers([first, second]);
  expect(lacksMembers(joined)).toBe(false);
  expect(describeMissingMembers(joined)).toBeUndefined();
  expect(describeMissingMembers(single)).toBeUndefined();
  expect(describeMissingMembers(first)).toBe(
    "its btrfs needs 2 devices, and only 1 is here (/dev/sda)",
  );
});
