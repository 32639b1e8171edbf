// esbuild's metafile: which modules the program was bundled from.

/** What is read of a metafile. */
interface Metafile {
  readonly outputs: {
    readonly [path: string]: {
      readonly inputs: { readonly [path: string]: { readonly bytesInOutput: number } };
    };
  };
}

/** Parses a metafile, and returns the npm packages of which code is in the bundle, sorted. */
export function parsePackages(text: string): string[] {
  // The program that wrote it is esbuild.
  const { outputs } = JSON.parse(text) as Metafile;
  const names = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .flatMap(([path]) => findPackage(path)),
  );
  return [...new Set(names)].sort();
}

/** Finds the package of a module; a nested one is that of the innermost folder. */
function findPackage(path: string): string[] {
  const found = /.*(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
  return found === undefined ? [] : [found];
}
