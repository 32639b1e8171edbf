// Learning of the store on a disk with more partitions than people have.
import { expect, test } from "vitest";
import { chooseRequest } from "../../../src/core/choosing/store-request.ts";
import type { Device } from "../../../src/core/devices/device.ts";
import { learnStore } from "../../../src/system/stores/learn-store.ts";
import { device, hostFacts, hostWith, optionsOf, partition } from "../../support/devices.ts";

const medium = device("/dev/sdz", { type: "iso9660", uuid: "2026" });
const parts = (type: string, from: number, count: number) =>
  Array.from({ length: count }, (_, at) =>
    partition("/dev/sda", from + at, { type, uuid: `${type}-${from + at}` }),
  );

function learn(devices: readonly Device[], stores: readonly string[]) {
  const looked: string[] = [];
  const options = optionsOf("backstore=alldev");
  const learned = learnStore({
    request: chooseRequest(options),
    devices: [medium, ...devices],
    options,
    medium,
    machine: "x86_64",
    looks: {
      directory: () => expect.unreachable(),
      host({ path }) {
        looked.push(path);
        return stores.includes(path)
          ? hostWith({}, { names: ["upperdir", "workdir"] })
          : hostFacts();
      },
    },
  });
  return { looked, learned };
}

test("learnStore() looks for a file on 32 file systems of a disk, and says so of the others", () => {
  const { looked, learned } = learn(parts("ext4", 1, 255), ["/dev/sda7"]);
  expect(looked.filter((path) => path.startsWith("/dev/sda"))).toHaveLength(32);
  expect(learned.finding).toMatchObject({ kind: "file", device: { path: "/dev/sda7" } });
  const left = learned.candidates.filter(({ reason }) => reason.startsWith("it was left out"));
  expect(left).toHaveLength(255 - 32);
});

test("learnStore() names the first of those that it left out where it found no store", () => {
  const { learned } = learn(parts("ext4", 1, 255), []);
  expect(learned.finding).toMatchObject({
    kind: "none",
    reason: expect.stringMatching(/\(\/dev\/sda33, .* and 215 more: it was left out/),
  });
});

test("learnStore() takes a Windows that was left out for a hibernated one", () => {
  const { learned } = learn([...parts("ext4", 1, 1), ...parts("ntfs", 2, 60)], ["/dev/sda1"]);
  const asleep = learned.devices.filter(({ superblock }) =>
    superblock?.unclean.includes("hibernated"),
  );
  expect(asleep.map(({ path }) => path)).toContain("/dev/sda61");
});
