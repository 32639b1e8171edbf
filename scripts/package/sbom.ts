// The list of parts as SPDX 2.3, in JSON.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Part } from "./parts.ts";
import type { Release } from "./release.ts";

/** Formats the document that describes the executable. */
export function formatSbom({ version, epoch, parts }: Release): string {
  const executable = createHash("sha256").update(readFileSync("dist/backstore")).digest("hex");
  const root = "SPDXRef-Package-backstore";
  const document = {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: `backstore-${version}`,
    documentNamespace: `https://backstore.example/spdx/backstore-${version}-${executable}`,
    creationInfo: {
      created: new Date(epoch * 1000).toISOString().replace(".000Z", "Z"),
      creators: ["Organization: the backstore authors"],
    },
    packages: [
      {
        name: "backstore",
        SPDXID: root,
        versionInfo: version,
        packageFileName: "backstore",
        primaryPackagePurpose: "APPLICATION",
        checksums: [{ algorithm: "SHA256", checksumValue: executable }],
        ...describeSource("https://backstore.example/", "MIT"),
      },
      ...parts.map(describePart),
    ],
    relationships: [
      {
        spdxElementId: "SPDXRef-DOCUMENT",
        relationshipType: "DESCRIBES",
        relatedSpdxElement: root,
      },
      ...parts.map((part) => ({
        spdxElementId: root,
        relationshipType: part.debian === undefined ? "CONTAINS" : "STATIC_LINK",
        relatedSpdxElement: formatId(part),
      })),
    ],
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function describePart(part: Part): object {
  return {
    name: part.name,
    SPDXID: formatId(part),
    versionInfo: part.version,
    primaryPackagePurpose: "LIBRARY",
    ...describeSource(part.homepage, part.license),
    licenseDeclared: part.declared ?? part.license,
    externalRefs: [
      {
        referenceCategory: "PACKAGE-MANAGER",
        referenceType: "purl",
        referenceLocator: part.url,
      },
    ],
  };
}

function describeSource(homepage: string, license: string): object {
  return {
    homepage,
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    licenseConcluded: license,
    licenseDeclared: license,
    copyrightText: "NOASSERTION",
  };
}

/** An identifier has letters, digits, dots and hyphens alone. */
function formatId({ name }: Part): string {
  return `SPDXRef-Package-${name.replaceAll(/[^A-Za-z0-9.]+/g, "-").replace(/^-/, "")}`;
}
