// Reports as JSON: one object, unknown values as null, so that every key is always there.
import { exitStatus, type Failure } from "../core/text/failure.ts";

/** The format of every object; it changes when a key goes, or comes to mean something else. */
const format = 1;

/** Returns what every object begins with: its format, and which program wrote it. */
export function headOf(version: string): { readonly format: number; readonly tool: string } {
  return { format, tool: `backstore ${version}` };
}

/** Returns a failure as a part of an object for programs. */
export function summariseFailure({ code, message, hint }: Failure): object {
  return { error: { code, status: exitStatus[code], message, hint } };
}

/** Renders a report as JSON for programs. */
export function renderJson(report: object): string {
  return `${JSON.stringify(report, (_, value: unknown) => (value === undefined ? null : value), 2)}\n`;
}

/** Renders an object on one line, for what is told bit by bit. */
export function renderJsonLine(value: object): string {
  return `${JSON.stringify(value, (_, inner: unknown) => (inner === undefined ? null : inner))}\n`;
}
