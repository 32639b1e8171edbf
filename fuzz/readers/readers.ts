// All readers, in the order of the table.

import { readersOfChanges } from "./changes.ts";
import { readersOfDisks } from "./disks.ts";
import { readersOfExchange } from "./exchange.ts";
import { readersOfImages } from "./iso.ts";
import { readersOfTables } from "./kernel.ts";
import { readersOfMenus } from "./menus.ts";
import { readersOfOptions } from "./options.ts";
import type { Reader } from "./reader.ts";
import { readersOfRecords } from "./records.ts";

/** Every reader of what others control. */
export const readers: readonly Reader[] = [
  ...readersOfDisks,
  ...readersOfImages,
  ...readersOfRecords,
  ...readersOfOptions,
  ...readersOfTables,
  ...readersOfMenus,
  ...readersOfExchange,
  ...readersOfChanges,
];
