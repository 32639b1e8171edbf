// docs/scenarios.md: every boot that is tested, from the tests' own tables, and the tests that boot
// or kill without a scenario, from the heads of their files.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Boot, Scenario } from "./scenario.ts";
import { type Theme, themes } from "./scenarios.ts";

/** Renders the whole document. */
export function renderScenariosDocument(): string {
  const count = themes.flatMap(({ scenarios }) => scenarios);
  const boots = count.flatMap((scenario) => scenario.boots);
  return `# Scenarios

<!-- Rendered by "npm run docs" from the tables in test/machines; do not edit. -->

${count.length} scenarios with ${boots.length} boots of a tiny system, in User Mode Linux or, where they need hardware, in QEMU. Each says its disks, its kernel arguments, and what every boot must
come to; a disk that the session may not write to must be the same, byte for byte, after each boot. How they are run is
told in [test/README.md](../test/README.md).

The store is the disk or partition where a boot must find it, by the name that it has in the scenario; none where nothing
is to be taken. Sessions are those of one boot after the other. The last column says what a scenario needs QEMU for beside
the buses of its disks, or that it runs in both machines; the kernel is that of this machine's Debian release, if no
other is named.

${themes.map(renderTheme).join("\n")}
## Tests that are no scenarios

${testFiles().map(renderTestFile).join("\n")}`;
}

function renderTheme({ title, scenarios }: Theme): string {
  return `## ${title}

| Scenario | What it shows | Arguments | Store | Sessions | Runs in |
| --- | --- | --- | --- | --- | --- |
${scenarios.map(renderScenario).join("\n")}
`;
}

function renderScenario(scenario: Scenario): string {
  const { name, title, boots } = scenario;
  const cells = [
    `\`${name}\``,
    formatCell(title),
    listOnce(boots.map((boot) => formatArguments(scenario, boot))),
    listOnce(boots.map(formatStore)),
    formatSessions(boots),
    formatMachine(scenario),
  ];
  return `| ${cells.join(" | ")} |`;
}

function formatMachine({ kernel, needs, both }: Scenario): string {
  if (both) return "both";
  if (needs !== undefined) return `QEMU: ${needs}`;
  return kernel === undefined ? "" : `QEMU: the kernel of ${kernel}`;
}

function formatArguments(scenario: Scenario, boot: Boot): string {
  const text = [scenario.cmdline, boot.cmdline].filter(Boolean).join(" ");
  const built = scenario.defaults === undefined ? "" : `built in: ${formatCode(scenario.defaults)}`;
  return [built, formatCode(text)].filter(Boolean).join(", ");
}

function formatStore({ expect: { store, file = "" } }: Boot): string {
  if (store === undefined) return "";
  return formatCode(`${store}${file && ` ${file}`}`);
}

function formatSessions(boots: readonly Boot[]): string {
  const words = boots.map(({ expect: { session } }) =>
    session === "readonly" ? "read-only" : session,
  );
  const isAlways = words.every((word) => word === words[0]);
  return isAlways && words.length > 1 ? `${words[0]}, ${words.length} boots` : words.join(", ");
}

function listOnce(texts: readonly string[]): string {
  return [...new Set(texts.filter(Boolean))].join("; ");
}

const longestCode = 100;

function formatCode(text: string): string {
  if (text === "") return "";
  const short = text.length > longestCode ? `${text.slice(0, longestCode)}…` : text;
  return `\`${formatCell(short).replaceAll("`", "'")}\``;
}

function formatCell(text: string): string {
  return text.replaceAll("\t", "\\t").replaceAll("|", "\\|");
}

/** Returns everything else in test/machines, and the tests that kill the program at every call. */
function testFiles(): string[] {
  const list = (directory: string, isMeant: (name: string) => boolean) =>
    readdirSync(directory)
      .filter((name) => name.endsWith(".test.ts") && isMeant(name))
      .map((name) => join(directory, name))
      .sort();
  return [
    ...list("test/machines", (name) => !name.startsWith("boot-")),
    ...list("test/tools", (name) => name.includes("kills")),
  ];
}

function renderTestFile(file: string): string {
  const text = readFileSync(file, "utf8");
  const head = /^(?:\/\/ .*\n)+/.exec(text)?.[0] ?? "";
  const rows = [...text.matchAll(/\bname: "([^"]+)",\s+title:\s+"([^"]+)"/g)].map(
    ([, name = "", title = ""]) => `- \`${name}\`: ${title}\n`,
  );
  const list = rows.length === 0 ? "" : `\n${rows.join("")}`;
  return `### \`${file}\`\n\n${head.replace(/^\/\/ /gm, "")}${list}`;
}
