// The completions as files, by the names that shells look for.
import { renderBash } from "./bash.ts";
import { listCompletions } from "./completion.ts";
import { renderFish } from "./fish.ts";
import { renderZsh } from "./zsh.ts";

/** Returns the text of each file by its name. */
export async function renderCompletions(): Promise<ReadonlyMap<string, string>> {
  const commands = await listCompletions();
  return new Map([
    ["backstore.bash", renderBash(commands)],
    ["_backstore", renderZsh(commands)],
    ["backstore.fish", renderFish(commands)],
  ]);
}
