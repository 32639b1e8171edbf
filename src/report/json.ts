// Reports as JSON: one object, unknown values as null, so that every key is always there.

/** Renders a report as JSON for programs. */
export function renderJson(report: object): string {
  return `${JSON.stringify(report, (_, value: unknown) => (value === undefined ? null : value), 2)}\n`;
}
