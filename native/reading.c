/* Reading what lies on a disk that others wrote. A name there may be anything: a link to
 * /proc/kmsg, which never ends, a device whose opening does something, a fifo. So a path is walked
 * name by name from the top of the disk without following a link, what is at its end is held before
 * it is opened, and no more is read than was asked for. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"

/* Opens what a name in a directory stands for as a path only; -1 with errno set. */
static int hold(int directory, const char *name, struct stat *status) {
    int fd = openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return -1;
    errno = ELOOP;
    if (fstat(fd, status) == 0 && !S_ISLNK(status->st_mode)) return fd;
    close_keeping_errno(fd);
    return -1;
}

/*
 * Opens what `path` stands for below `root` as a path only, with its status; `path` is changed. -1
 * with errno set.
 */
static int hold_below(const char *root, char *path, struct stat *status) {
    static const char opened[] = "/proc/self/fd/";
    char *end = NULL, *name, *rest = path;
    /* A directory that is open already is not looked up again. openat(), because musl's open()
     * makes a second call for O_CLOEXEC. */
    int given = strncmp(root, opened, sizeof opened - 1) ? -1 : (int)strtol(root + sizeof opened - 1, &end, 10);
    int is_given = end && end > root + sizeof opened - 1 && !*end;
    int at = is_given ? given : openat(AT_FDCWD, root, O_PATH | O_DIRECTORY | O_CLOEXEC), is_top = 1;
    while (at >= 0 && (name = strsep(&rest, "/"))) {
        if (!*name || !strcmp(name, ".")) continue;
        int next = -1;
        errno = EINVAL;
        if (strcmp(name, "..")) next = hold(at, name, status);
        if (!is_given) close_keeping_errno(at);
        at = next;
        is_given = is_top = 0;
    }
    if (is_given) at = fcntl(at, F_DUPFD_CLOEXEC, 3);
    if (at < 0 || !is_top || fstat(at, status) == 0) return at;
    close_keeping_errno(at);
    return -1;
}

/* Opens what is held; -1 with errno set. */
static int open_held(int held, int flags) {
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", held);
    return openat(AT_FDCWD, path, flags | O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* As much of a path as an exception tells. */
enum { SHOWN = 4352 };

/* Opens what stands at argv[1] below argv[0] if it is a file, or a directory where that is asked
 * for; the whole path is put into `shown` if it is given. */
static int open_below(JSContext *ctx, JSValueConst *argv, int wants_directory, char *shown) {
    char roots[256], paths[256];
    char *root = to_path_in(ctx, argv[0], roots, sizeof roots);
    char *path = root ? to_path_in(ctx, argv[1], paths, sizeof paths) : NULL;
    struct stat status;
    int fd = -1;
    if (path) {
        if (shown) snprintf(shown, SHOWN, "%s/%s", strcmp(root, "/") ? root : "", path + strspn(path, "/"));
        int held = hold_below(root, path, &status), is_directory = held >= 0 && S_ISDIR(status.st_mode);
        if (held >= 0 && (wants_directory ? is_directory : S_ISREG(status.st_mode))) fd = open_held(held, 0);
        else if (held >= 0) errno = wants_directory ? ENOTDIR : is_directory ? EISDIR : EINVAL;
        close_keeping_errno(held);
        if (fd < 0) fail(ctx, "open", shown);
    }
    free_path(path, paths);
    free_path(root, roots);
    return fd;
}

/* Returns the handle of a file, to be closed. */
FUNCTION(openBelow) {
    char shown[SHOWN];
    int fd = open_below(ctx, argv, 0, shown);
    return fd < 0 ? JS_EXCEPTION : JS_NewInt32(ctx, fd);
}

FUNCTION(listBelow) {
    char shown[SHOWN];
    uint32_t most = to_number(ctx, argv[2]), count = 0;
    int fd = open_below(ctx, argv, 1, shown);
    if (fd < 0) return JS_EXCEPTION;
    DIR *directory = fdopendir(fd);
    JSValue result = directory ? JS_NewArray(ctx) : fail(ctx, "opendir", shown);
    if (!directory) close(fd);
    struct dirent *entry;
    while (directory && (errno = 0, entry = readdir(directory))) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        errno = EFBIG;
        if (count == most) break;
        JS_SetPropertyUint32(ctx, result, count++, from_path(ctx, entry->d_name));
    }
    if (directory && errno) {
        JS_FreeValue(ctx, result);
        result = fail(ctx, "readdir", shown);
    }
    if (directory) closedir(directory);
    return result;
}

/* Returns the handle of a directory for nextNames(), to be closed. */
FUNCTION(openNames) {
    char shown[SHOWN];
    int fd = open_below(ctx, argv, 1, shown);
    return fd < 0 ? JS_EXCEPTION : JS_NewInt32(ctx, fd);
}

static int by_name(const void *one, const void *other) {
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

/* As many names as the kernel gives at a time, sorted by their bytes; none at the end. Unlike
 * readdir(), nothing but the descriptor is kept between two calls. */
FUNCTION(nextNames) {
    static union {
        char bytes[32768];
        struct dirent aligned;
    } buffer;
    /* An entry has at least 24 bytes. */
    static const char *names[sizeof buffer / 24];
    int fd = (int)to_number(ctx, argv[0]), got;
    uint32_t count = 0;
    /* "." and ".." may be all that comes first. */
    do {
        got = getdents(fd, &buffer.aligned, sizeof buffer);
        for (int at = 0; at < got;) {
            const struct dirent *entry = (const struct dirent *)(buffer.bytes + at);
            at += entry->d_reclen;
            if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
            names[count++] = entry->d_name;
        }
    } while (got > 0 && count == 0);
    if (got < 0) return fail(ctx, "getdents", NULL);
    qsort(names, count, sizeof *names, by_name);
    JSValue result = JS_NewArray(ctx);
    for (uint32_t i = 0; i < count; i++) JS_SetPropertyUint32(ctx, result, i, from_path(ctx, names[i]));
    return result;
}

FUNCTION(statusOf) {
    struct stat status;
    if (fstat((int)to_number(ctx, argv[0]), &status) < 0) return fail(ctx, "stat", NULL);
    return from_status(ctx, &status);
}

/* Reads at most `length` bytes from `offset` of an open file into memory to be freed; NULL with
 * errno set. */
static uint8_t *read_part(int fd, int64_t offset, int64_t length, size_t *used) {
    *used = 0;
    errno = EINVAL;
    if (offset < 0 || length < 0 || length > MOST_BYTES) return NULL;
    /* Memory that is not touched costs nothing. */
    uint8_t *bytes = malloc(length > 0 ? length : 1);
    ssize_t got = bytes ? read_at(fd, bytes, length, offset) : -1;
    if (got < 0) {
        int kept = errno;
        free(bytes);
        errno = kept;
        return NULL;
    }
    *used = got;
    if (got < length) {
        uint8_t *fitting = realloc(bytes, got > 0 ? got : 1);
        if (fitting) bytes = fitting;
    }
    return bytes;
}

static void free_bytes(UNUSED JSRuntime *runtime, UNUSED void *opaque, void *bytes) { free(bytes); }

FUNCTION(readAt) {
    int64_t offset, length;
    size_t used;
    if (JS_ToInt64(ctx, &offset, argv[1]) < 0 || JS_ToInt64(ctx, &length, argv[2]) < 0) return JS_EXCEPTION;
    uint8_t *bytes = read_part((int)to_number(ctx, argv[0]), offset, length, &used);
    return bytes ? JS_NewArrayBuffer(ctx, bytes, used, free_bytes, NULL, 0) : fail(ctx, "read", NULL);
}

/* A whole file as text; what is longer than said is refused, however long it said that it is. */
FUNCTION(readTextAt) {
    int64_t most;
    size_t used;
    if (JS_ToInt64(ctx, &most, argv[1]) < 0) return JS_EXCEPTION;
    if (most < 0 || most >= MOST_BYTES) {
        errno = EINVAL;
        return fail(ctx, "read", NULL);
    }
    uint8_t *bytes = read_part((int)to_number(ctx, argv[0]), 0, most + 1, &used);
    errno = bytes && (int64_t)used > most ? EFBIG : errno;
    int failed = !bytes || (int64_t)used > most;
    JSValue text = failed ? fail(ctx, "read", NULL) : from_text(ctx, (char *)bytes, used);
    free(bytes);
    return text;
}

/* Whether two open files have the same bytes; -1 with errno set. */
static int is_same(const int *files) {
    static uint8_t parts[2][1 << 16];
    for (int64_t offset = 0;; offset += sizeof parts[0]) {
        ssize_t got[2];
        for (int i = 0; i < 2; i++) {
            got[i] = read_at(files[i], parts[i], sizeof parts[i], offset);
            if (got[i] < 0) return -1;
        }
        if (got[0] != got[1] || memcmp(parts[0], parts[1], got[0])) return 0;
        if (got[0] < (ssize_t)sizeof parts[0]) return 1;
    }
}

/* Whether what stands at argv[1] below argv[0] and at argv[3] below argv[2] has the same bytes. */
FUNCTION(isSameContent) {
    int files[2] = { -1, -1 };
    for (int i = 0; i < 2; i++) {
        files[i] = open_below(ctx, argv + 2 * i, 0, NULL);
        if (files[i] >= 0) continue;
        close_keeping_errno(files[0]);
        return JS_EXCEPTION;
    }
    int same = is_same(files);
    JSValue result = same < 0 ? fail(ctx, "read", NULL) : JS_NewBool(ctx, same);
    close(files[0]);
    close(files[1]);
    return result;
}

const JSCFunctionListEntry reading_functions[] = {
    JS_CFUNC_DEF("openBelow", 2, openBelow),
    JS_CFUNC_DEF("listBelow", 3, listBelow),
    JS_CFUNC_DEF("openNames", 2, openNames),
    JS_CFUNC_DEF("nextNames", 1, nextNames),
    JS_CFUNC_DEF("isSameContent", 4, isSameContent),
    JS_CFUNC_DEF("statusOf", 1, statusOf),
    JS_CFUNC_DEF("readAt", 3, readAt),
    JS_CFUNC_DEF("readTextAt", 2, readTextAt),
};
const int reading_function_count = sizeof reading_functions / sizeof *reading_functions;
