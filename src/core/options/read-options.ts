// Reads the options of a boot: the initramfs's defaults, the medium's YAML files, the kernel
// command line, lowest first.

import { parseCommandLine } from "./cmdline.ts";
import type { Problem, Source, YamlFile } from "./option-source.ts";
import { type ResolvedOptions, resolveOptions } from "./options.ts";
import { makeYamlParser } from "./yaml-config.ts";

/** The texts that options are read from. */
interface OptionTexts {
  /** The text of "backstore initramfs --default", written like a command line. */
  readonly defaults: string | undefined;
  readonly yaml: readonly YamlFile[];
  readonly commandLine: string;
}

/** Reads every source and resolves the options. */
export function readOptions({ defaults, yaml, commandLine }: OptionTexts): ResolvedOptions {
  const parse = makeYamlParser();
  const files = yaml.map((file) => readYaml(file, parse));
  const sources: Source[] = [
    ...(defaults === undefined
      ? []
      : [{ origin: "initramfs", entries: parseCommandLine(defaults).parameters } as const]),
    ...files.map(({ source }) => source),
    { origin: "command line", entries: parseCommandLine(commandLine).parameters },
  ];
  const { options, problems } = resolveOptions(sources);
  return {
    options,
    problems: [...files.flatMap((file) => file.problems), ...problems],
  };
}

function readYaml(
  yaml: YamlFile,
  parse: ReturnType<typeof makeYamlParser>,
): { source: Source; problems: readonly Problem[] } {
  const { file } = yaml;
  if ("problem" in yaml) {
    return {
      source: { origin: { file }, entries: [] },
      problems: [{ message: `Cannot read the file: ${yaml.problem}`, file }],
    };
  }
  const { entries, problems } = parse(yaml);
  return { source: { origin: { file }, entries }, problems };
}
