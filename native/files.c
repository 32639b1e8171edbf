/* Names of files, directories and links, and their attributes. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "host.h"

/* Runs a call that takes one path (and uses the name `path`) and returns undefined. */
#define CALL_WITH_PATH(name, expression)                                                   \
    FUNCTION(name) {                                                                       \
        char *path = to_path(ctx, argv[0]);                                                \
        if (!path) return JS_EXCEPTION;                                                    \
        JSValue result = (expression) < 0 ? fail(ctx, #name, path) : JS_UNDEFINED;         \
        free(path);                                                                        \
        return result;                                                                     \
    }

FUNCTION(readdir_) {
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    DIR *directory = opendir(path);
    JSValue result = directory ? JS_NewArray(ctx) : fail(ctx, "opendir", path);
    uint32_t count = 0;
    struct dirent *entry;
    while (directory && (errno = 0, entry = readdir(directory))) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        JS_SetPropertyUint32(ctx, result, count++, from_path(ctx, entry->d_name));
    }
    if (directory && errno) {
        JS_FreeValue(ctx, result);
        result = fail(ctx, "readdir", path);
    }
    if (directory) closedir(directory);
    free(path);
    return result;
}

const char *kind_name(mode_t mode) {
    switch (mode & S_IFMT) {
    case S_IFREG: return "file";
    case S_IFDIR: return "directory";
    case S_IFLNK: return "link";
    case S_IFBLK: return "block";
    case S_IFCHR: return "character";
    case S_IFIFO: return "fifo";
    default: return "socket";
    }
}

JSValue from_status(JSContext *ctx, const struct stat *st) {
    JSValue object = JS_NewObject(ctx);
    JS_SetPropertyStr(ctx, object, "kind", JS_NewString(ctx, kind_name(st->st_mode)));
    JS_SetPropertyStr(ctx, object, "mode", JS_NewInt32(ctx, st->st_mode & 07777));
    JS_SetPropertyStr(ctx, object, "uid", JS_NewInt64(ctx, st->st_uid));
    JS_SetPropertyStr(ctx, object, "gid", JS_NewInt64(ctx, st->st_gid));
    JS_SetPropertyStr(ctx, object, "bytes", JS_NewInt64(ctx, st->st_size));
    JS_SetPropertyStr(ctx, object, "allocatedBytes", JS_NewInt64(ctx, (int64_t)st->st_blocks * 512));
    JS_SetPropertyStr(ctx, object, "inode", JS_NewInt64(ctx, st->st_ino));
    JS_SetPropertyStr(ctx, object, "device", JS_NewInt64(ctx, st->st_dev));
    JS_SetPropertyStr(ctx, object, "deviceNumber", JS_NewInt64(ctx, st->st_rdev));
    JS_SetPropertyStr(ctx, object, "links", JS_NewInt64(ctx, st->st_nlink));
    return object;
}

static JSValue status_with(JSContext *ctx, JSValueConst *argv, int flags) {
    struct stat st;
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    int failed = fstatat(AT_FDCWD, path, &st, flags | AT_NO_AUTOMOUNT) < 0;
    JSValue result = !failed                                ? from_status(ctx, &st)
                     : errno == ENOENT || errno == ENOTDIR ? JS_UNDEFINED
                                                            : fail(ctx, "stat", path);
    free(path);
    return result;
}

FUNCTION(stat_) { return status_with(ctx, argv, 0); }
FUNCTION(lstat_) { return status_with(ctx, argv, AT_SYMLINK_NOFOLLOW); }

/* struct statx of linux/stat.h: musl has it from 1.2.5 on. */
struct statx_time {
    int64_t seconds;
    uint32_t nanoseconds;
    int32_t reserved;
};
struct statx_answer {
    uint32_t mask, other[15];
    struct statx_time accessed, born, changed, modified;
    uint64_t rest[16];
};
_Static_assert(sizeof(struct statx_answer) == 256, "the size of struct statx");

/* Whether a birth time is known (STATX_BTIME). */
#define HAS_BIRTH 0x800u

static JSValue from_time(JSContext *ctx, int64_t seconds, uint32_t nanoseconds) {
    JSValue object = JS_NewObject(ctx);
    JS_SetPropertyStr(ctx, object, "seconds", JS_NewInt64(ctx, seconds));
    JS_SetPropertyStr(ctx, object, "nanoseconds", JS_NewInt64(ctx, nanoseconds));
    return object;
}

/* The times of a file, without following a final link; Linux before 4.11 tells no birth. */
FUNCTION(times_) {
    struct statx_answer answer = {0};
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;
    int failed = syscall(SYS_statx, AT_FDCWD, path, flags, HAS_BIRTH | 0x40 /* STATX_MTIME */, &answer) < 0;
    if (failed && errno == ENOSYS) {
        struct stat st;
        failed = fstatat(AT_FDCWD, path, &st, flags) < 0;
        answer.mask = 0;
        answer.modified = (struct statx_time){st.st_mtim.tv_sec, st.st_mtim.tv_nsec, 0};
    }
    JSValue result = failed ? errno == ENOENT || errno == ENOTDIR ? JS_UNDEFINED : fail(ctx, "statx", path)
                            : JS_NewObject(ctx);
    if (!failed) {
        struct statx_time born = answer.born, modified = answer.modified;
        if (answer.mask & HAS_BIRTH)
            JS_SetPropertyStr(ctx, result, "born", from_time(ctx, born.seconds, born.nanoseconds));
        JS_SetPropertyStr(ctx, result, "modified", from_time(ctx, modified.seconds, modified.nanoseconds));
    }
    free(path);
    return result;
}

FUNCTION(readlink_) {
    char target[4097];
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    ssize_t length = readlink(path, target, sizeof target);
    JSValue result = length < 0 ? fail(ctx, "readlink", path) : from_bytes(ctx, target, length);
    free(path);
    return result;
}

FUNCTION(realpath_) {
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    char *resolved = realpath(path, NULL);
    JSValue result = resolved ? from_path(ctx, resolved) : fail(ctx, "realpath", path);
    free(resolved);
    free(path);
    return result;
}

/* The bytes by which a file system finds one of its files again, the type of the handle before
 * them; undefined if it cannot. */
FUNCTION(fileHandle) {
    struct {
        struct file_handle head;
        unsigned char bytes[MAX_HANDLE_SZ];
    } handle = { .head.handle_bytes = MAX_HANDLE_SZ };
    int mount;
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    int failed = name_to_handle_at(AT_FDCWD, path, &handle.head, &mount, 0) < 0;
    JSValue result = JS_UNDEFINED;
    if (failed && errno != EOPNOTSUPP && errno != EOVERFLOW && errno != ENOSYS) result = fail(ctx, "name_to_handle_at", path);
    if (!failed) {
        uint8_t bytes[1 + MAX_HANDLE_SZ] = { (uint8_t)handle.head.handle_type };
        memcpy(bytes + 1, handle.head.f_handle, handle.head.handle_bytes);
        result = JS_NewArrayBufferCopy(ctx, bytes, 1 + handle.head.handle_bytes);
    }
    free(path);
    return result;
}

FUNCTION(mkdtemp_) {
    char *prefix = to_path(ctx, argv[0]);
    if (!prefix) return JS_EXCEPTION;
    char *path = malloc(strlen(prefix) + 7);
    if (path) strcpy(stpcpy(path, prefix), "XXXXXX");
    JSValue result = path && mkdtemp(path) ? from_path(ctx, path) : fail(ctx, "mkdtemp", prefix);
    free(path);
    free(prefix);
    return result;
}

FUNCTION(symlink_) {
    char *path = to_path(ctx, argv[0]), *target = path ? to_path(ctx, argv[1]) : NULL;
    JSValue result = !target ? JS_EXCEPTION : symlink(target, path) < 0 ? fail(ctx, "symlink", path) : JS_UNDEFINED;
    free(path);
    free(target);
    return result;
}

FUNCTION(rename_) {
    char *from = to_path(ctx, argv[0]), *to = from ? to_path(ctx, argv[1]) : NULL;
    JSValue result = !to ? JS_EXCEPTION : rename(from, to) < 0 ? fail(ctx, "rename", to) : JS_UNDEFINED;
    free(from);
    free(to);
    return result;
}

FUNCTION(link_) {
    char *path = to_path(ctx, argv[0]), *to = path ? to_path(ctx, argv[1]) : NULL;
    int failed = to && linkat(AT_FDCWD, to, AT_FDCWD, path, 0) < 0;
    JSValue result = !to ? JS_EXCEPTION : failed ? fail(ctx, "link", path) : JS_UNDEFINED;
    free(path);
    free(to);
    return result;
}

/* The type of what mknod(2) makes, by the names that kind_name() gives; 0 for any other. */
static mode_t node_type(JSContext *ctx, JSValueConst kind) {
    static const mode_t types[] = { S_IFBLK, S_IFCHR, S_IFIFO, S_IFSOCK };
    mode_t type = 0;
    const char *name = JS_ToCString(ctx, kind);
    for (size_t i = 0; name && i < sizeof types / sizeof *types; i++)
        if (!strcmp(name, kind_name(types[i]))) type = types[i];
    JS_FreeCString(ctx, name);
    return type;
}

/* Without a type mknod(2) would make a file. */
static int make_node(const char *path, mode_t type, mode_t mode, dev_t device) {
    errno = EINVAL;
    return type ? mknod(path, type | (mode & 07777), device) : -1;
}

FUNCTION(exchange) {
    char *one = to_path(ctx, argv[0]), *other = one ? to_path(ctx, argv[1]) : NULL;
    int failed = other && syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, other, 2 /* RENAME_EXCHANGE */) < 0;
    JSValue result = !other ? JS_EXCEPTION : failed ? fail(ctx, "renameat2", one) : JS_UNDEFINED;
    free(one);
    free(other);
    return result;
}

CALL_WITH_PATH(mkdir_, mkdir(path, to_number(ctx, argv[1])))
CALL_WITH_PATH(mknod_, make_node(path, node_type(ctx, argv[1]), to_number(ctx, argv[2]), to_number(ctx, argv[3])))
CALL_WITH_PATH(unlink_, unlink(path))
CALL_WITH_PATH(rmdir_, rmdir(path))
CALL_WITH_PATH(chmod_, chmod(path, to_number(ctx, argv[1])))

/* How not to follow a final link. The path of an open file is itself a link, to just that file. */
static int without_following(const char *path) {
    static const char opened[] = "/proc/self/fd/";
    int is_opened = !strncmp(path, opened, sizeof opened - 1) && !strchr(path + sizeof opened - 1, '/');
    return is_opened ? 0 : AT_SYMLINK_NOFOLLOW;
}

CALL_WITH_PATH(lchown_, fchownat(AT_FDCWD, path, to_number(ctx, argv[1]), to_number(ctx, argv[2]), without_following(path)))

/* When the contents were read last stays as it is. */
static int set_modified(const char *path, int64_t seconds, uint32_t nanoseconds) {
    struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = seconds, .tv_nsec = nanoseconds } };
    return utimensat(AT_FDCWD, path, times, without_following(path));
}

FUNCTION(setModified) {
    int64_t seconds;
    if (JS_ToInt64(ctx, &seconds, argv[1]) < 0) return JS_EXCEPTION;
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    JSValue result = set_modified(path, seconds, to_number(ctx, argv[2])) < 0 ? fail(ctx, "utimensat", path) : JS_UNDEFINED;
    free(path);
    return result;
}

static JSValue sync_with(JSContext *ctx, JSValueConst *argv, int (*call)(int)) {
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    int fd = open_at_once(path, O_RDONLY);
    JSValue result = fd < 0 || call(fd) < 0 ? fail(ctx, "sync", path) : JS_UNDEFINED;
    if (fd >= 0) close(fd);
    free(path);
    return result;
}

/* Writes what memory has of a range, and waits for it. What cannot be written in parts is left to
 * the sync that follows. */
FUNCTION(writeOut) {
    static const unsigned whole = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    char *path = to_path(ctx, argv[0]);
    int64_t offset = 0, length = 0;
    if (!path || JS_ToInt64(ctx, &offset, argv[1]) < 0 || JS_ToInt64(ctx, &length, argv[2]) < 0) {
        free(path);
        return JS_EXCEPTION;
    }
    int fd = open_at_once(path, O_RDONLY);
    int failed = fd < 0 || (sync_file_range(fd, offset, length, whole) < 0 && errno != EINVAL && errno != ESPIPE && errno != ENOSYS);
    JSValue result = failed ? fail(ctx, "sync_file_range", path) : JS_UNDEFINED;
    if (fd >= 0) close(fd);
    free(path);
    return result;
}

FUNCTION(fsync_) { return sync_with(ctx, argv, fsync); }
FUNCTION(syncfs_) { return sync_with(ctx, argv, syncfs); }

FUNCTION(lgetxattr_) {
    char *path = to_path(ctx, argv[0]), *name = path ? to_path(ctx, argv[1]) : NULL;
    static uint8_t value[65536];
    JSValue result = JS_EXCEPTION;
    if (name) {
        ssize_t length = lgetxattr(path, name, value, sizeof value);
        if (length >= 0) result = JS_NewArrayBufferCopy(ctx, value, length);
        else result = errno == ENODATA || errno == EOPNOTSUPP ? JS_UNDEFINED : fail(ctx, "lgetxattr", path);
    }
    free(path);
    free(name);
    return result;
}

FUNCTION(lsetxattr_) {
    struct data data;
    char *path = to_path(ctx, argv[0]), *name = path ? to_path(ctx, argv[1]) : NULL;
    JSValue result = JS_EXCEPTION;
    if (name && to_data(ctx, argv[2], &data) == 0) {
        result = lsetxattr(path, name, data.bytes, data.length, 0) < 0 ? fail(ctx, "lsetxattr", path) : JS_UNDEFINED;
        release_data(ctx, &data);
    }
    free(path);
    free(name);
    return result;
}

FUNCTION(lremovexattr_) {
    char *path = to_path(ctx, argv[0]), *name = path ? to_path(ctx, argv[1]) : NULL;
    int failed = name && lremovexattr(path, name) < 0 && errno != ENODATA;
    JSValue result = !name ? JS_EXCEPTION : failed ? fail(ctx, "lremovexattr", path) : JS_UNDEFINED;
    free(path);
    free(name);
    return result;
}

FUNCTION(llistxattr_) {
    static char names[65536];
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    ssize_t length = llistxattr(path, names, sizeof names);
    JSValue result = length < 0 && errno != EOPNOTSUPP ? fail(ctx, "llistxattr", path) : JS_NewArray(ctx);
    uint32_t count = 0;
    for (ssize_t at = 0; at < length; at += strlen(names + at) + 1)
        JS_SetPropertyUint32(ctx, result, count++, from_path(ctx, names + at));
    free(path);
    return result;
}

const JSCFunctionListEntry file_functions[] = {
    JS_CFUNC_DEF("readdir", 1, readdir_),
    JS_CFUNC_DEF("stat", 1, stat_),
    JS_CFUNC_DEF("lstat", 1, lstat_),
    JS_CFUNC_DEF("times", 1, times_),
    JS_CFUNC_DEF("readlink", 1, readlink_),
    JS_CFUNC_DEF("realpath", 1, realpath_),
    JS_CFUNC_DEF("fileHandle", 1, fileHandle),
    JS_CFUNC_DEF("mkdtemp", 1, mkdtemp_),
    JS_CFUNC_DEF("symlink", 2, symlink_),
    JS_CFUNC_DEF("rename", 2, rename_),
    JS_CFUNC_DEF("link", 2, link_),
    JS_CFUNC_DEF("exchange", 2, exchange),
    JS_CFUNC_DEF("setModified", 3, setModified),
    JS_CFUNC_DEF("mkdir", 2, mkdir_),
    JS_CFUNC_DEF("mknod", 4, mknod_),
    JS_CFUNC_DEF("unlink", 1, unlink_),
    JS_CFUNC_DEF("rmdir", 1, rmdir_),
    JS_CFUNC_DEF("chmod", 2, chmod_),
    JS_CFUNC_DEF("lchown", 3, lchown_),
    JS_CFUNC_DEF("writeOut", 3, writeOut),
    JS_CFUNC_DEF("fsync", 1, fsync_),
    JS_CFUNC_DEF("syncfs", 1, syncfs_),
    JS_CFUNC_DEF("lgetxattr", 2, lgetxattr_),
    JS_CFUNC_DEF("lsetxattr", 3, lsetxattr_),
    JS_CFUNC_DEF("lremovexattr", 2, lremovexattr_),
    JS_CFUNC_DEF("llistxattr", 1, llistxattr_),
};
const int file_function_count = sizeof file_functions / sizeof *file_functions;
