// The report on a store that was created.

import type { NewStore } from "../core/create/plan-create-file.ts";
import type { DeviceFacts } from "../core/devices/device-contents.ts";
import { parseCommandLine } from "../core/options/cmdline.ts";
import type { Plan } from "../core/steps/step.ts";
import { formatEscaped, formatPath } from "../core/text/quoted.ts";
import { formatSize } from "../core/text/size.ts";
import type { StoreHostReport } from "../system/create/inspect-store-host.ts";
import { summarisePlan } from "./plan.ts";

/** A store that was created, and how a boot finds it. */
export interface CreateReport {
  readonly kind: "file" | "device" | "directory";
  readonly path: string;
  /** Undefined for a directory, which has no size of its own. */
  readonly bytes: number | undefined;
  /** The type of the file system that contains the changes. */
  readonly type: string;
  readonly label: string | undefined;
  readonly uuid: string | undefined;
  /** The file system that it is on; undefined for a device. */
  readonly host: StoreHostReport | undefined;
  /** The model of a device. */
  readonly model?: string | undefined;
  /**
   * What a boot needs to find it, in a form that can be displayed: "" if nothing, undefined if no
   * option can name it.
   */
  readonly options: string | undefined;
  /** Whether it is on what a boot considers removable; undefined if it is not known. */
  readonly removable: boolean | undefined;
  /** Why no boot finds it; undefined if one does. */
  readonly unfound?: string | undefined;
  /** What was said before anything was written. */
  readonly warning?: string | undefined;
  readonly notes: readonly string[];
}

/** Renders a store that was created: what it is, and how a boot finds it. */
export function renderCreated(report: CreateReport): string {
  return [renderStore(report), ...renderFinding(report), ""].join("\n");
}

/** Returns the same as an object for programs. */
export function summariseCreated(report: CreateReport): object {
  const { path, notes, warning, unfound, model, ...told } = report;
  return { store: path, ...told, notes: present([warning, unfound, ...notes]) };
}

/** Returns what would be created as an object for programs. */
export function summariseCreatePlan(plan: Plan<NewStore>): object {
  const { path, ...result } = plan.result;
  return { ...summarisePlan(plan), result: { store: path, ...result } };
}

/** Returns a device and all that is lost with it as an object for programs. */
export function summariseDevice({
  path,
  bytes,
  model,
  serial,
  contents,
  ...facts
}: DeviceFacts): object {
  return { path, bytes, model, serial, contents, hasUnknownData: facts.hasUnknownData };
}

/** Renders the notes that there are, one line each. */
export function renderNotes(notes: readonly (string | undefined)[]): string {
  return present(notes)
    .map((note) => `Note: ${note}\n`)
    .join("");
}

function present(notes: readonly (string | undefined)[]): readonly string[] {
  return notes.filter((note) => note !== undefined);
}

function renderStore(report: CreateReport): string {
  const { kind, path, bytes, type, label, uuid, host, model, removable } = report;
  const on = host === undefined ? "" : ` ${describeHost(host, removable)}`;
  if (kind === "directory") return `Created the directory ${formatPath(path)} for changes${on}`;
  const size = bytes === undefined ? "" : ` of ${formatSize(bytes)}`;
  const names = [
    ...(label === undefined ? [] : [`labelled ${formatPath(label)}`]),
    ...(uuid === undefined ? [] : [`UUID ${uuid}`]),
  ];
  const named = names.length === 0 ? "" : `, ${names.join(", ")}`;
  return kind === "file"
    ? `Created the store ${formatPath(path)}${size} (${type}${named})${on}`
    : `Created a file system for stores on ${formatPath(path)}${describeMake({ removable, model })}${size} (${type}${named})`;
}

function describeHost({ source, type, model }: StoreHostReport, removable: boolean | undefined) {
  const words = [type, ...makeOf({ removable, model })];
  return `on ${formatEscaped(source)} (${words.join(", ")})`;
}

interface Make {
  readonly removable: boolean | undefined;
  readonly model: string | undefined;
}

function describeMake(make: Make): string {
  const words = makeOf(make);
  return words.length === 0 ? "" : ` (${words.join(", ")})`;
}

/** What tells a stick from the disk of a machine. */
function makeOf({ removable, model }: Make): string[] {
  return [
    ...(removable === undefined ? [] : [removable ? "removable" : "not removable"]),
    ...(model === undefined ? [] : [formatEscaped(model)]),
  ];
}

/** If no boot finds it, its note has said so. */
function renderFinding({ kind, options, removable, unfound }: CreateReport): string[] {
  if (unfound !== undefined) return [];
  if (options === undefined) {
    return [
      kind === "file"
        ? "No boot option can name it; choose a simpler name"
        : "The option that names its file system is unknown; see cow_label and cow_device",
    ];
  }
  if (options === "") {
    const where =
      removable === undefined ? " on a removable device, elsewhere with backstore=alldev" : "";
    return [`Found at boot without any option${where}`];
  }
  const { parameters } = parseCommandLine(options);
  return [`Found at boot with the option${parameters.length > 1 ? "s" : ""}: ${options}`];
}
