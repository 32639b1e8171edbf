// Facts about stores, for the tests of plans that resize them.

import type { ExtLayout } from "../../src/core/resize/ext-layout.ts";
import type { ResizeFacts } from "../../src/core/resize/resize-facts.ts";

export const mebibyte = 2 ** 20;

export const layout: ExtLayout = {
  blockBytes: 4096,
  blocks: 64 * 256,
  firstBlock: 0,
  blocksPerGroup: 32768,
  descriptorBytes: 32,
  tableBlocks: 512,
  reservedBlocks: 31,
  isPlain: true,
};

/** Makes the facts about a store of 64 MiB on a host with 1 GiB, of which half is free. */
export function makeFacts(
  changed: Partial<Omit<ResizeFacts, "inner" | "host">> & {
    readonly inner?: Partial<ResizeFacts["inner"]>;
    readonly host?: Partial<ResizeFacts["host"]>;
  } = {},
): ResizeFacts {
  return {
    store: "/m/sysrcd.bs",
    writable: { store: "/m/sysrcd.bs", before: [], after: [] },
    bytes: 64 * mebibyte,
    allocatedBytes: 64 * mebibyte,
    sharedBytes: 0,
    session: undefined,
    isRoot: true,
    scratch: "/dev/shm/backstore-1-2-0",
    ...changed,
    inner: {
      type: "ext4",
      bytes: 64 * mebibyte,
      label: undefined,
      uuid: "550e8400-e29b-41d4-a716-446655440000",
      layout,
      smallestBytes: undefined,
      surelyBytes: undefined,
      movingBytes: 0,
      ...changed.inner,
    },
    host: {
      type: "ext4",
      target: "/m",
      source: "/dev/sdx1",
      totalBytes: 1024 * mebibyte,
      availableBytes: 512 * mebibyte,
      sectorBytes: 512,
      ...changed.host,
    },
  };
}
