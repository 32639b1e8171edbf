import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { decodeUtf8 } from "../../../src/core/bytes/utf.ts";
import { addonHooks, planAddon } from "../../../src/core/initramfs/addon-contents.ts";

const hooks = new Map(addonHooks.map(({ file }) => [file, `# ${file}\n`]));
const segments = planAddon(new Uint8Array([1]), hooks);
const entries = segments.flatMap((segment) => segment.entries);

test("planAddon() plans one compressed archive with the program and the hooks", () => {
  expect(segments.map(({ isCompressed }) => isCompressed)).toEqual([true]);
  const files = entries.flatMap((entry) =>
    entry.kind === "file" ? [[entry.path, entry.mode, decodeUtf8(entry.data)]] : [],
  );
  expect(files).toEqual([
    ["backstore-init", 0o755, "\u0001"],
    ["backstore-linux-live.sh", 0o644, "# linux-live/backstore-linux-live.sh\n"],
    ["hooks/backstore", 0o755, "# mkinitcpio/backstore\n"],
    ["live/custom/MX/7.sh", 0o644, "# mx/7.sh\n"],
    ["live/custom/antiX/7.sh", 0o644, "# mx/7.sh\n"],
    ["conf/conf.d/zz-backstore", 0o644, "# initramfs-tools/zz-backstore\n"],
    ["usr/lib/dracut/hooks/pre-pivot/95-backstore.sh", 0o644, "# dracut/95-backstore.sh\n"],
    ["var/lib/dracut/hooks/pre-pivot/95-backstore.sh", 0o644, "# dracut/95-backstore.sh\n"],
  ]);
});

test("planAddon() plans no directory that is a symbolic link in other initramfs", () => {
  const directories = entries.flatMap(({ kind, path }) => (kind === "directory" ? [path] : []));
  // Not those of dracut: its /usr/lib/dracut/hooks is a directory in some releases, a link in others.
  expect(directories).toEqual([
    "hooks",
    "live",
    "live/custom",
    "live/custom/MX",
    "live/custom/antiX",
    "conf",
    "conf/conf.d",
  ]);
});

test("every hook in the tree is in the add-on", () => {
  const root = join(import.meta.dirname, "../../../initramfs");
  const families = readdirSync(root).filter((name) => !name.includes("."));
  const files = families.flatMap((family) =>
    readdirSync(join(root, family), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => `${family}/${name}`),
  );
  expect(files.sort()).toEqual([...new Set(addonHooks.map(({ file }) => file))].sort());
});
