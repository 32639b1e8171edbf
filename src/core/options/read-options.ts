// Reads the options of a boot: the initramfs's defaults, the medium's YAML files, the machine's
// credential, the kernel command line, lowest first.

import { parseCommandLine } from "./cmdline.ts";
import { mostCredentialBytes, optionsCredential } from "./credential.ts";
import type { Problem, Source, YamlFile } from "./option-source.ts";
import { type ResolvedOptions, resolveOptions } from "./options.ts";
import { makeYamlParser } from "./yaml-config.ts";

/** The texts outside the medium that options are read from. */
export interface OptionTexts {
  /** The text of "backstore initramfs --default", written like a command line. */
  readonly defaults: string | undefined;
  /** The text of the machine's credential, written like a command line. */
  readonly credential?: string | undefined;
  readonly commandLine: string;
}

/** All texts that options are read from. */
interface AllTexts extends OptionTexts {
  readonly yaml: readonly YamlFile[];
}

/** Reads every source and resolves the options. */
export function readOptions(texts: AllTexts): ResolvedOptions {
  const { defaults, yaml, commandLine } = texts;
  const parse = makeYamlParser();
  const files = yaml.map((file) => readYaml(file, parse));
  const credential = readCredential(texts.credential);
  const sources: Source[] = [
    ...(defaults === undefined
      ? []
      : [{ origin: "initramfs", entries: parseCommandLine(defaults).parameters } as const]),
    ...files.map(({ source }) => source),
    ...credential.sources,
    { origin: "command line", entries: parseCommandLine(commandLine).parameters },
  ];
  const { options, problems } = resolveOptions(sources);
  return {
    options,
    problems: [...files.flatMap((file) => file.problems), ...credential.problems, ...problems],
  };
}

function readCredential(text: string | undefined): {
  readonly sources: readonly Source[];
  readonly problems: readonly Problem[];
} {
  if (text === undefined) return { sources: [], problems: [] };
  if (text.length > mostCredentialBytes) {
    const message = `Cannot use the credential ${optionsCredential}: it is longer than ${mostCredentialBytes} characters`;
    return { sources: [], problems: [{ message }] };
  }
  const entries = parseCommandLine(text).parameters;
  return { sources: [{ origin: "credential", entries }], problems: [] };
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
