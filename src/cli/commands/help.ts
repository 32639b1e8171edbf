// "backstore help": the manual pages, which the executable has with it.
import { Failure } from "../../core/text/failure.ts";
import { formatQuoted } from "../../core/text/quoted.ts";
import { suggest } from "../../core/text/suggest.ts";
import { renderManualPage } from "../../report/manual/manual.ts";
import type { Command, Invocation } from "../command-line/command.ts";

/** Where the build has put the pages: an object of Markdown by names like "backstore-list.8". */
const manual = "manual.json";

/** The command. */
export const command: Command = {
  name: "help",
  usage: "help [PAGE]",
  description: `
Shows a manual page: that of a command ("help create"), of the options of a boot ("help options"), of
the add-on ("help addon"), or of a file ("help backstore.json", "help boot.json"). Without a name it
shows that of the program.`,
  flags: [],
  operands: ["[PAGE]"],
  run,
};

function run({ system, arguments: given, context }: Invocation): number {
  const pages = new Map<string, string>(Object.entries(JSON.parse(context.text(manual) ?? "{}")));
  const [word = "backstore"] = given.operands;
  const page = findPage(pages, word);
  if (page === undefined) throw unknownPage(pages, word);
  system.say("stdout", renderManualPage(page, context.terminal.columns));
  return 0;
}

/** Finds a page by its name, with or without "backstore-" and its section. */
function findPage(pages: ReadonlyMap<string, string>, word: string): string | undefined {
  const name = word.replace(/\((\d)\)$/, ".$1");
  const found = [...pages].find(([file]) => {
    const names = [file, file.slice(0, file.lastIndexOf("."))];
    return names.some((one) => one === name || one === `backstore-${name}`);
  });
  return found?.[1];
}

function unknownPage(pages: ReadonlyMap<string, string>, word: string): Failure {
  const known = [...pages.keys()].map((file) => file.replace(/^backstore-|\.\d$/g, ""));
  const meant = suggest(word, known);
  const suggestion = meant === undefined ? "" : `, did you mean "${meant}"?`;
  return new Failure(
    "not-found",
    `Cannot show ${formatQuoted(word)}: there is no manual page of that name${suggestion}`,
    'see "backstore help"',
  );
}
