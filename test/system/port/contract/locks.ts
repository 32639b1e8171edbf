// The contract, part 11: locks that keep a second backstore out.
import type { Predicate } from "../contract.ts";
import { equal, fails, ok } from "./expect.ts";

/**
 * A script that ends at once and leaves a child, whose number it prints; memory.test.ts does the
 * same.
 */
export const leavingScript = "tail -f /dev/null >/dev/null 2>&1 & echo $!";

/** Predicates about withLock(). */
export const locks: Record<string, Predicate> = {
  "withLock() gives what its use gives, and lets go also when that throws"(system, { directory }) {
    const file = `${directory}/file`;
    system.writeFile(file, "");
    equal(
      system.withLock(file, () => 42),
      42,
    );
    try {
      system.withLock(file, () => {
        throw new Error("by us");
      });
      throw new Error("nothing was thrown");
    } catch (error) {
      equal(error instanceof Error && error.message, "by us");
    }
    equal(
      system.withLock(file, () => 43),
      43,
    );
  },

  "withLock() keeps everybody else from locking the same file, also this process"(
    system,
    { directory },
  ) {
    const [file, other] = [`${directory}/file`, `${directory}/other`];
    system.writeFile(file, "");
    system.writeFile(other, "");
    system.makeLink(`${directory}/link`, "file");
    const tryLock = () => system.run(["flock", "--nonblock", file, "true"]).status;
    equal(tryLock(), 0);
    system.withLock(file, () => {
      equal(tryLock(), 1);
      fails("EAGAIN", () => system.withLock(file, () => 0));
      fails("EAGAIN", () => system.withLock(`${directory}/link`, () => 0));
      equal(
        system.withLock(other, () => 44),
        44,
      );
      system.rename(file, `${file}-new`);
      fails("EAGAIN", () => system.withLock(`${file}-new`, () => 0));
      system.rename(`${file}-new`, file);
    });
    equal(tryLock(), 0);
  },

  "withLock() does not keep anybody from reading and writing"(system, { directory }) {
    const file = `${directory}/file`;
    system.writeFile(file, "");
    system.withLock(file, () => system.appendFile(file, "text"));
    equal(system.readText(file), "text");
  },

  "withLock() locks directories, devices, and files that are read-only"(system, fixtures) {
    const file = fixtures.sparseFile();
    const { directory } = fixtures;
    const nested = (path: string) => system.withLock(path, () => system.withLock(path, () => 0));
    fails("EAGAIN", () => nested(directory));
    system.withLoop({ file, readonly: true }, (device) => fails("EAGAIN", () => nested(device)));
    system.mount({ source: "none", target: directory, flags: ["remount", "ro"] });
    fails("EAGAIN", () => nested(file));
  },

  "withLock() lasts as long as a program that it ran has a child"(system, { directory }) {
    const file = `${directory}/file`;
    system.writeFile(file, "");
    const child = system.withLock(file, () =>
      system.run(["sh", "-c", leavingScript]).stdout.trim(),
    );
    ok(/^\d+$/.test(child), `the child is "${child}"`);
    fails("EAGAIN", () => system.withLock(file, () => 0));
    system.run(["kill", child]);
    // Waits until the child is gone.
    equal(system.run(["flock", file, "true"]).status, 0);
    equal(
      system.withLock(file, () => 45),
      45,
    );
  },

  "hasPartLocks() sees what fcntl(2) locks, and no lock of a whole file"(system, fixtures) {
    const file = fixtures.sparseFile();
    equal(system.hasPartLocks(file), false);
    equal(
      system.withLock(file, () => system.hasPartLocks(file)),
      false,
    );
    system.withLoop({ file, readonly: true }, (device) =>
      equal(system.hasPartLocks(device), false),
    );
    fails("ENOENT", () => system.hasPartLocks(`${fixtures.directory}/missing`));
  },

  "withLock() says why it cannot"(system, { directory }) {
    fails("ENOENT", () => system.withLock(`${directory}/missing`, () => 0));
    equal(system.list(directory), []);
  },
};
