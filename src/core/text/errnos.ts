// What a person can do about each errno, and the exit status that it leads to. The kernel's own
// words for it stand before the hint. An errno that is not here is our own mistake: a bug.
import type { FailureCode } from "./failure.ts";

/** An errno that a person can do something about. */
export interface Mendable {
  readonly code: FailureCode;
  readonly hint: string;
}

const elsewhere = "choose another place, on a file system that supports it";
const unplugged = "check that its device is still plugged in, and see the kernel log: dmesg";
const unreachable = "check that the server of its mount still answers, or mount it again";
const limited = "end other programs, or allow more open files: ulimit -n, sysctl fs.file-max";
const damaged = "check the file system that it is on, and see the kernel log: dmesg";
const late = "try again, and see what else is using it";

const mendable: Readonly<Record<string, Mendable>> = {
  E2BIG: { code: "tool", hint: "name fewer files at once, or use shorter paths" },
  EACCES: { code: "tool", hint: "run it as root or as its owner" },
  EAGAIN: { code: "in-use", hint: late },
  EALREADY: { code: "in-use", hint: late },
  EBADMSG: { code: "damaged", hint: damaged },
  EBUSY: { code: "in-use", hint: "see what uses it: fuser -vm, findmnt, lsblk" },
  EDQUOT: { code: "no-room", hint: "remove what is not needed, or ask for a larger quota" },
  EEXIST: { code: "tool", hint: "see what has that name now, and try again" },
  EFBIG: {
    code: "no-room",
    hint: "choose a smaller size, or allow larger files: ulimit -f unlimited",
  },
  EHOSTDOWN: { code: "tool", hint: unreachable },
  EHOSTUNREACH: { code: "tool", hint: unreachable },
  EINPROGRESS: { code: "in-use", hint: late },
  EINTR: { code: "tool", hint: "try again" },
  EIO: {
    code: "tool",
    hint: "see the kernel log (dmesg); if the device is failing, copy what matters first",
  },
  EISDIR: { code: "tool", hint: "name a file in it" },
  EKEYREJECTED: { code: "tool", hint: "unlock its directory, or sign the module" },
  ELOOP: { code: "tool", hint: "name the target itself, not a link to it" },
  EMEDIUMTYPE: { code: "tool", hint: unplugged },
  EMFILE: { code: "tool", hint: limited },
  EMLINK: { code: "tool", hint: elsewhere },
  ENAMETOOLONG: { code: "tool", hint: "use a shorter name" },
  ENETUNREACH: { code: "tool", hint: unreachable },
  ENFILE: { code: "tool", hint: limited },
  ENODEV: { code: "tool", hint: unplugged },
  ENOENT: {
    code: "tool",
    hint: "see whether it is still there, and whether /proc and /sys are mounted",
  },
  ENOKEY: { code: "tool", hint: "unlock the directory first: it is encrypted" },
  ENOLCK: { code: "tool", hint: elsewhere },
  ENOLINK: { code: "tool", hint: unreachable },
  ENOMEDIUM: { code: "tool", hint: unplugged },
  ENOMEM: { code: "tool", hint: "end programs that use much memory, and try again" },
  ENOSPC: { code: "no-room", hint: "free some room: df -h and df -i show where there is none" },
  ENOSYS: { code: "tool", hint: "use a newer kernel, or run it outside of the container" },
  ENOTCONN: { code: "tool", hint: unreachable },
  ENOTDIR: { code: "tool", hint: "see which part of the path is not a directory" },
  ENOTEMPTY: { code: "tool", hint: "see what was put into it meanwhile" },
  ENXIO: { code: "tool", hint: unplugged },
  EOPNOTSUPP: { code: "tool", hint: elsewhere },
  EOVERFLOW: { code: "tool", hint: elsewhere },
  EPERM: {
    code: "tool",
    hint: "run it as root; if root is refused, see whether it has the attribute i or a: lsattr",
  },
  EREMOTEIO: { code: "tool", hint: unplugged },
  EROFS: { code: "tool", hint: "mount its file system read-write: mount -o remount,rw DIRECTORY" },
  ESHUTDOWN: { code: "tool", hint: unplugged },
  ESTALE: { code: "tool", hint: unreachable },
  ETIMEDOUT: { code: "tool", hint: unplugged },
  ETXTBSY: { code: "in-use", hint: "see what uses it: fuser -v, swapon --show" },
  EUCLEAN: { code: "damaged", hint: damaged },
  EXDEV: { code: "tool", hint: elsewhere },
};

/** Returns what a person can do about an errno; undefined for one that only a bug leads to. */
export function findMendable(errno: string): Mendable | undefined {
  return Object.hasOwn(mendable, errno) ? mendable[errno] : undefined;
}

/** Every errno that a person can do something about. */
export const mendableErrnos: readonly string[] = Object.keys(mendable);
