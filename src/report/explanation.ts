// An explanation in words, the most important facts first.

import { type DeviceReference, formatDeviceReference } from "../core/devices/device-reference.ts";
import type { BackstoreOption } from "../core/options/backstore-option.ts";
import type { Origin } from "../core/options/option-source.ts";
import type { Options } from "../core/options/options.ts";
import type { ExplainedPlan, Explanation } from "../core/session/explanation.ts";
import { formatEscaped, formatQuoted } from "../core/text/quoted.ts";
import { formatMemorySize, formatSize } from "../core/text/size.ts";
import { describeProblem } from "./problem.ts";
import { describeStore } from "./store-name.ts";
import { renderTable } from "./table.ts";

/** Renders an explanation for a terminal. */
export function renderExplanation(explanation: Explanation, columns?: number): string {
  const { session, reason, store, medium, problems, candidates, copy, verification, plan } =
    explanation;
  const word = session === "readonly" ? "read-only" : session;
  return [
    `Session: ${word}${reason === undefined ? "" : ` (${reason})`}`,
    ...(store ? [`Store: ${describeStore(store)}`] : []),
    `Medium: ${"reason" in medium ? `unknown: ${medium.reason}` : `${medium.device} (${medium.layout}, ${formatQuoted(medium.image)})`}`,
    "",
    "Options",
    ...renderTable(describeOptions(explanation.options), { columns }),
    ...section(
      "Problems",
      problems.map((problem) => `  ${describeProblem(problem)}`),
    ),
    ...section(
      "Candidates (+ the store, - not)",
      renderTable(
        candidates.map(({ device, model, bytes, type, label, accepted, reason: why }) => [
          `${accepted ? "+" : "-"} ${device}`,
          [...(model === undefined ? [] : [formatEscaped(model)]), formatSize(bytes)].join(", "),
          type ?? "?",
          label === undefined ? "" : formatQuoted(label),
          why,
        ]),
        { columns },
      ),
    ),
    ...(copy ? ["", ...renderPlan(copy)] : []),
    ...(verification ? ["", ...renderPlan(verification)] : []),
    "",
    ...renderPlan(plan),
    "",
  ].join("\n");
}

function renderPlan(plan: ExplainedPlan): string[] {
  const steps = plan.steps.map(
    ({ description, optional }, index) =>
      `  ${index + 1}. ${description}${optional ? " (if possible)" : ""}`,
  );
  return [
    `Plan: ${plan.title}`,
    ...steps,
    ...(plan.otherwise ? [`If a step fails: ${plan.otherwise.title}`] : []),
  ];
}

function describeOptions(options: Options): string[][] {
  const shown: [name: string, value: string | undefined, origin: Origin][] = [
    ["backstore", describeBackstore(options.backstore.value), options.backstore.origin],
    ["cow_label", text(options.cow_label.value), options.cow_label.origin],
    [
      "cow_device",
      options.cow_device.value && describeDevice(options.cow_device.value),
      options.cow_device.origin,
    ],
    ["cow_directory", text(options.cow_directory.value), options.cow_directory.origin],
    ["cow_flags", text(options.cow_flags.value), options.cow_flags.origin],
    ["cow_spacesize", formatMemorySize(options.cow_spacesize.value), options.cow_spacesize.origin],
    ["copytoram", options.copytoram.value ? "yes" : "no", options.copytoram.origin],
    ["docache", options.docache.value ? "yes" : "no", options.docache.origin],
    ["loadsrm", options.loadsrm.value ? "yes" : "no", options.loadsrm.origin],
    ["checksum", options.checksum.value ? "yes" : "no", options.checksum.origin],
    [
      "copytoram_size",
      options.copytoram_size.value && formatMemorySize(options.copytoram_size.value),
      options.copytoram_size.origin,
    ],
    [
      "sysrescuecfg",
      text(options.sysrescuecfg.value.join(", ") || undefined),
      options.sysrescuecfg.origin,
    ],
    ["archisolabel", text(options.archisolabel.value), options.archisolabel.origin],
    [
      "archisodevice",
      options.archisodevice.value && describeDevice(options.archisodevice.value),
      options.archisodevice.origin,
    ],
    ["archisobasedir", text(options.archisobasedir.value), options.archisobasedir.origin],
  ];
  return shown.map(([name, value, origin]) => [name, value ?? "none", describeOrigin(origin)]);
}

function describeBackstore({
  off,
  alldev,
  path,
  directory,
  device,
  readonly,
  required,
  ask,
  waitSeconds,
  base,
  explicit,
}: BackstoreOption): string {
  if (!explicit) return "none";
  const words = [
    off && "off",
    alldev && "alldev",
    path && formatEscaped(path),
    directory && `directory=${describeDevice(directory)}`,
    device && describeDevice(device),
    readonly && "readonly",
    required && "required",
    ask && "ask",
  ];
  return [
    ...words.filter((word) => typeof word === "string"),
    `wait=${waitSeconds}`,
    `base=${base}`,
  ].join(",");
}

function describeDevice(reference: DeviceReference): string {
  return formatEscaped(formatDeviceReference(reference));
}

function describeOrigin(origin: Origin): string {
  if (typeof origin === "string") return origin;
  const file = formatEscaped(origin.file);
  return origin.line === undefined ? file : `${file}:${origin.line}`;
}

function text(value: string | undefined): string | undefined {
  return value === undefined ? undefined : formatQuoted(value);
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", title, ...lines];
}
