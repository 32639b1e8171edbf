// One build at a time: npm run build, the tests and the demo may all need the same files. A lock is
// a file that contains the id of its process; the lock of a process that has ended does not count.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

let taken = 0;

/** Calls `use` while no other process holds the lock `path`, and returns its result. */
export async function withLock(path, use) {
  mkdirSync(dirname(path), { recursive: true });
  const own = `${path}.${process.pid}.${taken++}`;
  writeFileSync(own, String(process.pid));
  while (!take(own, path)) await new Promise((wake) => setTimeout(wake, 100));
  try {
    return await use();
  } finally {
    rmSync(path, { force: true });
    rmSync(own, { force: true });
  }
}

/** A hard link appears whole or not at all, so that nobody ever reads half a process id. */
function take(own, path) {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    if (!isAlive(readHolder(path))) removeStale(own, path);
    return false;
  }
}

/**
 * Moved aside first: of several that find a stale lock, one moves it, and none removes the lock
 * that another took since.
 */
function removeStale(own, path) {
  const aside = `${own}.stale`;
  try {
    renameSync(path, aside);
    if (isAlive(readHolder(aside))) linkSync(aside, path);
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "EEXIST") throw error;
  }
  rmSync(aside, { force: true });
}

function readHolder(path) {
  try {
    return Number(readFileSync(path, "utf8"));
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return process.pid;
  }
}

function isAlive(processId) {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
