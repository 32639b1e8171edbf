// What the kernel command line says about modules: parameters ("usbcore.quirks=…"), and those that
// must not be loaded automatically.
// Facts: modprobe(8), the kernel's admin-guide/kernel-parameters.rst (module_blacklist).

import { type Parameter, parseCommandLine } from "../options/cmdline.ts";
import { normalName } from "./module-files.ts";

/** The settings for modules on the kernel command line. */
export interface ModuleSettings {
  /** Each module's parameters as insmod takes them ("quirks=0x1 debug"). */
  readonly parameters: ReadonlyMap<string, string>;
  /** Modules that are not loaded for hardware. */
  readonly blacklist: ReadonlySet<string>;
}

/** Parses a kernel command line; words that have another meaning are harmless. */
export function parseModuleSettings(commandLine: string): ModuleSettings {
  const parameters = new Map<string, string>();
  const blacklist = new Set<string>();
  for (const { name, value } of parseCommandLine(commandLine).parameters) {
    if (name === "modprobe.blacklist" || name === "module_blacklist") {
      for (const module of (value ?? "").split(",")) blacklist.add(normalName(module.trim()));
      continue;
    }
    const dot = name.indexOf(".");
    if (dot <= 0) continue;
    const module = normalName(name.slice(0, dot));
    const before = parameters.get(module);
    const word = formatModuleParameter({ name: name.slice(dot + 1), value });
    parameters.set(module, before === undefined ? word : `${before} ${word}`);
  }
  blacklist.delete("");
  return { parameters, blacklist };
}

// The kernel parses a module's parameters by the rules of its command line: only white space needs
// quotes.
function formatModuleParameter({ name, value }: Parameter): string {
  if (value === undefined) return name;
  return /\s/.test(value) ? `${name}="${value}"` : `${name}=${value}`;
}
