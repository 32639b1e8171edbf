// What has become of the packages of a base, for people and for programs.

import type { ChangedSum } from "../core/changes/packages.ts";
import { formatEscaped } from "../core/text/quoted.ts";
import { formatSize } from "../core/text/size.ts";
import type { InspectedPackage, PackagesFacts } from "../system/changes/inspect-packages.ts";
import { renderTable } from "./table.ts";

/** Renders packages, and what belongs to none. */
export function renderPackages(
  { packages, several, none }: Pick<PackagesFacts, "packages" | "several" | "none">,
  { problems, columns }: { problems: number; columns: number | undefined },
): string {
  const row = (words: readonly string[], { paths, bytes }: Readonly<ChangedSum>) => [
    ...words,
    ...[`${paths}`, formatSize(bytes)],
  ];
  const table = renderTable(
    [
      ...packages.map((one) => row([one.state, formatEscaped(one.name), tellVersions(one)], one)),
      ...(several.paths === 0 ? [] : [row(["", "(several packages)", ""], several)]),
      ...(none.paths === 0 ? [] : [row(["", "(no package)", ""], none)]),
    ],
    {
      alignments: ["left", "left", "left", "right", "right"],
      headings: ["", "package", "version", "paths", "in the store"],
      columns,
    },
  );
  const unseen = problems === 0 ? [] : [`${problems} could not be read.`];
  return [
    ...(packages.length + several.paths + none.paths === 0 ? ["No changes."] : table),
    ...unseen,
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function tellVersions({ version, baseVersion }: InspectedPackage): string {
  const known = [baseVersion, version].filter((one) => one !== undefined);
  return [...new Set(known)].map(formatEscaped).join(" -> ");
}

/** Summarises a package. */
export function summarisePackage(one: InspectedPackage): object {
  const { name, state, version, baseVersion, paths, bytes } = one;
  return { package: name, state, version, baseVersion, paths, bytes };
}

/** Summarises what comes after the packages. */
export function summarisePackages(
  {
    database,
    several,
    none,
  }: Pick<PackagesFacts, "several" | "none"> & { database: string | undefined },
  problems: number,
): object {
  return { database, several, none, problems };
}
