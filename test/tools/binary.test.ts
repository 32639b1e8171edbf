// The properties of dist/backstore: one static file that runs on any Linux of its architecture,
// alone, in little memory, and that ends with words and a status whatever it is called with.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runTool } from "../../scripts/lib/tool.ts";

const program = "dist/backstore";
const version = JSON.parse(readFileSync("package.json", "utf8")).version;
const directory = mkdtempSync("/tmp/backstore-binary-");
const isRoot = process.geteuid?.() === 0;

afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(argv: readonly string[], environment?: NodeJS.ProcessEnv): Ended {
  const [name = "", ...words] = argv;
  const { status, signal, stdout, stderr } = spawnSync(name, words, {
    encoding: "utf8",
    env: environment ?? process.env,
    timeout: 20_000,
  });
  return { status, signal, stdout, stderr };
}

/** Runs a line of shell, in which "$1" is the program. */
function shell(script: string): Ended {
  return run(["sh", "-c", script, "sh", join(process.cwd(), program)]);
}

const saysVersion = { status: 0, signal: null, stdout: `backstore ${version}\n`, stderr: "" };

describe("dist/backstore", () => {
  test("is one static executable of at most 2 MB", () => {
    expect(runTool(["file", "--brief", program])).toMatch(/statically linked/);
    expect(runTool(["readelf", "--program-headers", program])).not.toContain("INTERP");
    expect(statSync(program).size).toBeLessThanOrEqual(2_000_000);
  });

  test("says its version, and nothing else", () => {
    expect(run([program, "--version"])).toEqual(saysVersion);
  });

  test.skipIf(!isRoot)("runs where there is nothing but itself (chroot needs root)", () => {
    const root = join(directory, "root");
    mkdirSync(root);
    copyFileSync(program, join(root, "backstore"));
    expect(run(["chroot", root, "/backstore", "--version"])).toEqual(saysVersion);
    expect(run(["chroot", root, "/backstore", "--help"]).status).toBe(0);
  });

  test("runs without any environment", () => {
    expect(run([program, "--version"], {})).toEqual(saysVersion);
  });

  test("runs with 8 MB of address space", () => {
    expect(shell('ulimit -v 8192; exec "$1" --version')).toEqual(saysVersion);
  });

  test("ends in words, not by a signal, where memory is too little", () => {
    // With less than this, the kernel kills it before its first instruction.
    const least = Math.ceil(statSync(program).size / 1024) + 1024;
    const seen = new Set<string>();
    // Which piece is the first that is missing depends on the length of the environment, too.
    for (let length = 0; length < 4096; length += 1024)
      for (let kibibytes = least; kibibytes <= least + 2048; kibibytes += 16) {
        const { status, signal, stdout, stderr } = run(
          ["prlimit", `--as=${kibibytes * 1024}`, program, "--help"],
          { ...process.env, FILL: "x".repeat(length) },
        );
        const ended = [signal, status, status === 0 ? stdout.slice(0, 9) : stderr];
        seen.add(JSON.stringify(ended));
      }
    expect([...seen].sort()).toEqual([
      '[null,0,"Usage: ba"]',
      '[null,1,"backstore: Cannot continue: not enough memory\\n"]',
      '[null,1,"backstore: cannot start: not enough memory\\n"]',
    ]);
  });

  test("runs in a directory that is no more", () => {
    expect(shell('mkdir -m 0 "$0.d" 2>/dev/null; cd / && exec "$1" --version')).toEqual(
      saysVersion,
    );
    expect(shell('d=$(mktemp -d) && cd "$d" && rmdir "$d" && exec "$1" --version')).toEqual(
      saysVersion,
    );
  });

  test.skipIf(!isRoot)("runs for a user who may write nothing (setpriv needs root)", () => {
    const copy = "/tmp/backstore-for-all";
    copyFileSync(program, copy);
    const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    const ended = run([...nobody, copy, "--version"]);
    rmSync(copy);
    expect(ended).toEqual(saysVersion);
  });
});

describe("a wrong call", () => {
  const cases = [
    { words: ["explian"], says: /Cannot run "explian": .*"explain"/ },
    { words: ["--verison"], says: /Cannot run "--verison"/ },
    { words: ["explain", "--jsno"], says: /"--jsno".*"--json"/ },
    { words: [""], says: /Cannot run ""/ },
    { words: [], says: /backstore/ },
    { words: ["toString"], says: /Cannot run "toString"/ },
    { words: ["explain", "--__proto__"], says: /Cannot run "backstore explain"/ },
  ];
  for (const { words, says } of cases)
    test(`${JSON.stringify(words)} gives status 2 and a sentence on stderr`, () => {
      const ended = run([program, ...words]);
      expect(ended.stderr).toMatch(says);
      expect([ended.status, ended.stdout]).toEqual([2, ""]);
    });

  test("--help and the help of a command give status 0", () => {
    for (const words of [["--help"], ["explain", "--help"], ["initramfs", "-h"]]) {
      const ended = run([program, ...words]);
      expect([ended.status, ended.stderr]).toEqual([0, ""]);
      expect(ended.stdout).toContain("backstore");
    }
  });
});

describe("odd surroundings", () => {
  const closed = ["<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"];
  for (const streams of closed)
    test(`with ${streams} it still ends with its own status`, () => {
      expect(shell(`"$1" --version ${streams}`).status).toBe(
        streams.includes(" >&-") || streams.startsWith(">&-") ? 3 : 0,
      );
      expect(shell(`"$1" no-such-command ${streams}`).status).toBe(2);
    });

  test("a reader that goes away is no error", () => {
    expect(shell('{ "$1" --help; echo "status $?" >&2; } | true').stderr).toBe("status 0\n");
  });

  const lost = [
    { to: "> /dev/full", says: "No space left on device" },
    { to: ">&-", says: "Bad file descriptor" },
    { to: "> small", says: "File too large" },
  ];
  for (const { to, says } of lost)
    for (const words of ["--help", "--version", "list --json", "explain --json", "create --help"])
      test(`what "${words} ${to}" loses is a failure`, () => {
        const ended = shell(
          `cd ${directory} && : >small && trap '' XFSZ && ulimit -f 0 && exec "$1" ${words} ${to}`,
        );
        const { status, stderr } = ended;
        expect([status, stderr]).toEqual([3, `backstore: write error: ${says}\n`]);
      });

  for (const { to, says } of lost)
    test.skipIf(!isRoot)(`what "changes --json ${to}" loses is a failure`, () => {
      const script = `cd ${directory} && mkdir -p lines/upperdir lines-base/etc && : >small && trap '' XFSZ && ulimit -f 0 &&
        exec "$1" changes lines --base lines-base --json ${to}`;
      const { status, stderr } = shell(script);
      expect([status, stderr]).toEqual([3, `backstore: write error: ${says}\n`]);
    });

  test("a limit on the size of files is told, and nothing is left", () => {
    const ended = shell(
      `cd ${directory} && ulimit -f 4096 && "$1" create ./limited.bs 16; s=$?; ls limited*; exit $s`,
    );
    expect([ended.status, ended.stdout]).toEqual([7, ""]);
    expect(ended.stderr).toMatch(
      /^backstore: Cannot allocate .*: file too large\nHint: .*ulimit -f/m,
    );
  });

  test("the bytes of an argument that is not UTF-8 are shown as escapes", () => {
    const ended = shell('exec "$1" "$(printf \'caf\\351\\200\\377\')"');
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain('Cannot run "caf\\udce9\\udc80\\udcff"');
  });

  test("a name that is not UTF-8 is found by its bytes", () => {
    const ended = shell(
      `cd ${directory} && name=$(printf 'caf\\351') && echo no >"$name" && exec "$1" explain --image "$name"`,
    );
    expect(ended.stderr).not.toMatch(/No such file/i);
    expect(ended.status).not.toBe(1);
  });
});

describe("a bug", () => {
  const source = readFileSync("test/tools/throws-main.ts", "utf8").split("\n");
  const lineOf = (mark: string) => source.findIndex((line) => line.includes(mark)) + 1;
  const cases = [
    { kind: "type", says: "TypeError: ", mark: "// throws a TypeError" },
    { kind: "errno", says: "read: /missing: No such file or directory", mark: "// throws ENOENT" },
  ];
  for (const { kind, says, mark } of cases)
    test(`(${kind}) is shown with the TypeScript file and line`, () => {
      const ended = run(["build/throws", kind]);
      expect(ended.status).toBe(1);
      expect(ended.stderr).toContain(says);
      expect(ended.stderr).toContain(`test/tools/throws-main.ts:${lineOf(mark)}`);
    });
});
