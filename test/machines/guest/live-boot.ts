// The real initramfs of Debian's live-boot, with the add-on behind it. The generator is that of the
// installed live system; the kernel's own modules and live-boot come in for the moment.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { makeOnce } from "../../../scripts/lib/cache.ts";
import { runTool } from "../../../scripts/lib/tool.ts";
import { makeInstalled } from "../../../scripts/live-system.ts";
import { withTemporary } from "./base.ts";
import type { Kernel } from "./kernel.ts";

const addon = resolve("dist/backstore-addon.img");
const packages = ["live-boot", "live-boot-initramfs-tools", "busybox"];
const script = "test/machines/guest/make-live-boot.sh";

/** Returns the path of live-boot's initramfs for a kernel, followed by the add-on; made once. */
export function makeLiveBootInitramfs(kernel: Kernel): string {
  const initramfs = makeLiveBoot(kernel);
  return makeOnce({
    name: "live-boot-addon",
    inputs: [initramfs, readFileSync(addon)],
    make: (path) =>
      writeFileSync(path, Buffer.concat([readFileSync(initramfs), readFileSync(addon)])),
  });
}

function makeLiveBoot({ version, modules }: Kernel): string {
  const installed = makeInstalled();
  return makeOnce({
    name: "live-boot",
    inputs: [basename(installed), version, ...packages, readFileSync(script)],
    make: (path) =>
      withTemporary((directory) => {
        runTool(["apt-get", "-qq", "download", ...packages], { directory });
        const files = readdirSync(directory).map((name) => join(directory, name));
        const argv = [script, join(installed, "root"), modules, resolve(path), ...files];
        runTool(["unshare", "--mount", "--propagation", "private", ...argv]);
      }),
  });
}
