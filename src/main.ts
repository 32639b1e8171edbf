// The executable's entry point: determines the name it was called by, then loads what that needs
// and nothing else. The only place that reads the environment, and the only one that ends the
// process.
import * as host from "host";
import { nativeSystem } from "./system/port/native.ts";
import { describeBug, summariseBug } from "./system/port/trace.ts";

const [program = "", ...words] = host.commandLine();
const environment = host.environment();
/** The name of the program in another initramfs. */
const addon = "backstore-init";
if (host.processId() === 1 || program.endsWith(addon)) host.hasStarted();

try {
  host.exit(await main(program.slice(program.lastIndexOf("/") + 1)));
} catch (error) {
  nativeSystem.say("stderr", describeBug(error, host.text("lines.json")));
  // PID 1 must not end: the kernel would panic, and nobody could read what is on the screen.
  while (host.processId() === 1) host.waitForUevent(3_600_000);
  host.exit(1);
}

async function main(name: string): Promise<number> {
  if (host.processId() === 1 && name === "shutdown") {
    const { shutDown } = await import("./boot/shutdown/shutdown.ts");
    return shutDown(nativeSystem, {
      words,
      describeBug: (error) => describeBug(error, host.text("lines.json")),
    });
  }
  if (host.processId() === 1 && name === addon) {
    const { becomeInitramfs } = await import("./boot/become-initramfs.ts");
    return becomeInitramfs(nativeSystem, {
      words,
      summariseBug: (error) => summariseBug(error, host.text("lines.json")),
    });
  }
  if (host.processId() === 1) {
    const { boot } = await import("./boot/init.ts");
    return boot(nativeSystem, {
      words,
      version: VERSION,
      summariseBug: (error) => summariseBug(error, host.text("lines.json")),
    });
  }
  if (name === addon && words[0] === "takeover") {
    const { takeOver } = await import("./boot/take-over.ts");
    takeOver(nativeSystem, {
      root: words[1] ?? "/root",
      isKept: words[2] === "kept",
      program,
      version: VERSION,
      summariseBug: (error) => summariseBug(error, host.text("lines.json")),
    });
    return 0;
  }
  if (name === addon && words[0] === "settle") {
    const [, run = "/run", initramfs = `${run}/initramfs`] = words;
    const { settle } = await import("./boot/settle.ts");
    settle(nativeSystem, { run, initramfs });
    return 0;
  }
  if (name === "modprobe") {
    const { modprobe } = await import("./boot/modprobe.ts");
    return modprobe(nativeSystem, words);
  }
  // Tools like mkfs are in sbin, which an unprivileged user's PATH leaves out.
  const path = [environment.PATH, "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"];
  host.setEnvironment("PATH", path.filter(Boolean).join(":"));
  host.setEnvironment("LC_ALL", "C");
  const { runCommand } = await import("./cli/run-command.ts");
  host.hasStarted();
  host.catchInterruptions();
  return runCommand({
    system: nativeSystem,
    program: name,
    words,
    context: {
      version: VERSION,
      isRoot: host.userId() === 0,
      text: host.text,
      isInterrupted: host.isInterrupted,
      terminal: {
        stdin: host.isTerminal(0),
        stdout: host.isTerminal(1),
        stderr: host.isTerminal(2),
        color: environment.NO_COLOR === undefined,
        variables: ["TERM", "COLORTERM", "LANG", "NO_COLOR"].flatMap((name) =>
          environment[name] === undefined ? [] : [`${name}=${environment[name]}`],
        ),
        isDumb: environment.TERM === "dumb",
        columns: parseColumns(environment.COLUMNS) ?? host.columnsOf(1),
        errorColumns: parseColumns(environment.COLUMNS) ?? host.columnsOf(2),
      },
    },
  });
}

/** A program that shows our output in a part of a terminal knows better than the terminal. */
function parseColumns(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,3}$/.test(text) ? Number(text) : undefined;
}
