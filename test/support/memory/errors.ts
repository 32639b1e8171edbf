// Errors as the host of the engine throws them (native/host.c, fail).

const reasons: Readonly<Record<string, string>> = {
  E2BIG: "Argument list too long",
  EACCES: "Permission denied",
  EAGAIN: "Resource temporarily unavailable",
  EBUSY: "Resource busy",
  EEXIST: "File exists",
  EFBIG: "File too large",
  EINVAL: "Invalid argument",
  EIO: "I/O error",
  EISDIR: "Is a directory",
  ELOOP: "Symbolic link loop",
  ENAMETOOLONG: "Filename too long",
  ENODEV: "No such device",
  ENOENT: "No such file or directory",
  ENOEXEC: "Exec format error",
  ENOMEDIUM: "No medium found",
  ENOSPC: "No space left on device",
  ENOTBLK: "Block device required",
  ENOTDIR: "Not a directory",
  ENOTEMPTY: "Directory not empty",
  ENOTTY: "Not a tty",
  ENXIO: "No such device or address",
  EOPNOTSUPP: "Not supported",
  EPERM: "Operation not permitted",
  EROFS: "Read-only file system",
  ESPIPE: "Invalid seek",
  ESRCH: "No such process",
  EUCLEAN: "Structure needs cleaning",
  EXDEV: "Cross-device link",
};

/** An error that errnoOf() knows. */
export class ErrnoError extends Error {
  readonly code: string;
  readonly reason: string;
  readonly path: string | undefined;

  constructor(code: string, path?: string) {
    const reason = reasons[code] ?? code;
    super(path === undefined ? reason : `${path}: ${reason}`);
    this.code = code;
    this.reason = reason;
    this.path = path;
  }
}

/** Throws an error with this errno. */
export function fail(code: string, path?: string): never {
  throw new ErrnoError(code, path);
}
