// What the executable is made of: each object and archive of the link map, and each npm package of
// the bundle, belongs to one part, which has a version and a licence.

import { readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { runTool } from "../lib/tool.ts";
import { parseLinkMap } from "./link-map.ts";
import { parsePackages } from "./metafile.ts";

/** A part of the executable that others have written. */
export interface Part {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression: what its licence file says. */
  readonly license: string;
  /** Set if the part itself names another one beside that. */
  readonly declared?: string;
  readonly homepage: string;
  /** A package URL. */
  readonly url: string;
  /** What must be given with a copy. */
  readonly text: string;
  /** Debian's source package that it was compiled from, if it was. */
  readonly debian?: string;
}

/** A part in C, and how the files that are linked are known to be of it. */
interface NativePart {
  readonly name: string;
  readonly license: string;
  readonly homepage: string;
  readonly files: RegExp;
  readonly text: () => string;
}

/** Where the build leaves what it knows of the executable. */
const work = "build/program/backstore";

// From the top of the tree; what this project has written itself is of no part.
const own = /^build\/program\/backstore\/objects\/[\w-]+\.o$/;

const native: readonly NativePart[] = [
  {
    name: "quickjs",
    license: "MIT",
    homepage: "https://bellard.org/quickjs/",
    files: /^build\/engine\/objects\/quickjs\/\w+\.o$/,
    text: () => readFileSync(findSource("quickjs", "LICENSE"), "utf8"),
  },
  {
    name: "zstd",
    license: "BSD-3-Clause OR GPL-2.0-only",
    homepage: "https://facebook.github.io/zstd/",
    files: /^build\/engine\/objects\/libzstd\/\w+\.o$/,
    text: () => readFileSync(findSource("libzstd", "LICENSE"), "utf8"),
  },
  {
    name: "musl",
    license: "MIT",
    homepage: "https://musl.libc.org/",
    files: /\/x86_64-linux-musl\/(?:S?crt1|crti|crtn)\.o$|\/x86_64-linux-musl\/lib[cm]\.a$/,
    text: () => readFileSync("/usr/share/doc/musl-dev/copyright", "utf8"),
  },
  {
    name: "libgcc",
    license: "GPL-3.0-or-later WITH GCC-exception-3.1",
    homepage: "https://gcc.gnu.org/",
    files: /\/gcc\/x86_64-linux-gnu\/\d+\/(?:crt(?:begin|end)[ST]?\.o|libgcc\.a)$/,
    text: readRuntimeException,
  },
];

/** Reads what the build has linked and bundled, and returns the parts of the executable. */
export function readParts(): Part[] {
  const files = parseLinkMap(readFileSync(join(work, "link.map"), "utf8"));
  const packages = parsePackages(readFileSync(join(work, "metafile.json"), "utf8"));
  return [...matchFiles(files).map(readNative), ...packages.map(readPackage)];
}

/**
 * Matches the files that were linked with parts, and returns those that are there with one of their
 * files; throws if a file is of none.
 */
export function matchFiles(files: readonly string[]): { part: NativePart; file: string }[] {
  const paths = files.map((file) => [file, relative("", resolve(file))] as const);
  const belongs = (path: string) => own.test(path) || native.some((part) => part.files.test(path));
  const unknown = paths.filter(([, path]) => !belongs(path)).map(([file]) => file);
  if (unknown.length > 0)
    throw new Error(`Cannot list the parts of the executable: ${unknown.join(", ")} is of none`);
  return native.flatMap((part) => {
    const found = paths.find(([, path]) => part.files.test(path));
    return found === undefined ? [] : [{ part, file: found[0] }];
  });
}

function readNative({ part, file }: { part: NativePart; file: string }): Part {
  const { name, license, homepage, text } = part;
  const source = findPinned(file) ?? readOwner(file);
  return {
    ...{ name, license, homepage },
    version: source.version,
    url: `pkg:deb/debian/${source.package}@${encodeURIComponent(source.version)}?arch=source`,
    text: text(),
    debian: `${source.package} (= ${source.version})`,
  };
}

/** A source package of Debian. */
interface Source {
  readonly package: string;
  readonly version: string;
  readonly directory?: string;
}

function readPinned(): readonly Source[] {
  // It is of this tree.
  return JSON.parse(readFileSync("scripts/engine-sources.json", "utf8")) as Source[];
}

function findPinned(file: string): Source | undefined {
  return readPinned().find((source) => file.includes(`/objects/${source.package}/`));
}

function findSource(name: string, file: string): string {
  const { directory = "" } = readPinned().find((source) => source.package === name) ?? {};
  return join("build/engine/src", directory, file);
}

/** Returns the source package that a file of this machine was made from. */
function readOwner(file: string): Source {
  const [owner = ""] = runTool(["dpkg-query", "--search", resolve(file)]).split(": ");
  // biome-ignore lint/suspicious/noTemplateCurlyInString: they are dpkg's.
  const format = "${source:Package} ${source:Version}";
  const [name = "", version = ""] = runTool([
    ...["dpkg-query", "--show", `--showformat=${format}`, owner],
  ]).split(" ");
  return { package: name, version };
}

/** Packages whose licence file is another one than their package.json names. */
const licenseFiles: { readonly [name: string]: string } = { "@pkgjs/parseargs": "Apache-2.0" };

function readPackage(name: string): Part {
  const place = join("node_modules", name);
  // npm has installed it by the lock file.
  const { version, license, homepage } = JSON.parse(
    readFileSync(join(place, "package.json"), "utf8"),
  ) as { version: string; license: string; homepage: string };
  const file = name === "valibot" ? "LICENSE.md" : "LICENSE";
  return {
    ...{ name, version, homepage },
    license: licenseFiles[name] ?? license,
    declared: license,
    url: `pkg:npm/${name.replace("@", "%40")}@${version}`,
    text: readFileSync(join(place, file), "utf8"),
  };
}

/** Debian's file has the exception after the licences of all other parts of the compiler. */
function readRuntimeException(): string {
  const [found] = runTool([
    "dpkg-query",
    "--search",
    "/usr/lib/gcc/x86_64-linux-gnu/*/libgcc.a",
  ]).split(":");
  const text = readFileSync(`/usr/share/doc/${found}/copyright`, "utf8");
  const exception = /^GCC RUNTIME LIBRARY EXCEPTION\n[\s\S]*?(?=\n\n\n)/m.exec(text)?.[0];
  if (exception === undefined) throw new Error("Cannot find the exception for libgcc's licence");
  return `libgcc is free software under the GNU General Public License, version 3 or later, with this
exception; the licence is at <https://www.gnu.org/licenses/gpl-3.0.html>.

Copyright (C) 1986-2022 Free Software Foundation, Inc.

${exception}
`;
}
