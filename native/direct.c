/* Reading and writing block devices past the page cache (O_DIRECT, open(2)): what is read back is
 * the device's answer, and progress in writing is the device's own. Offsets and lengths are whole
 * sectors, except where a length is padded. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/fs.h>

#include "host.h"

/* Suits every device's memory and sectors. */
enum { ALIGNMENT = 4096 };

static size_t rounded(size_t length, size_t unit) { return (length + unit - 1) / unit * unit; }

/* A buffer for a length and what it is padded with, zeroed, to be freed; NULL with errno set. */
static uint8_t *aligned(size_t length) {
    void *buffer = NULL;
    size_t room = rounded(length ? length : 1, ALIGNMENT);
    if ((errno = posix_memalign(&buffer, ALIGNMENT, room))) return NULL;
    memset(buffer, 0, room);
    return buffer;
}

/* Opens a device and learns the size of its sectors; -1 with errno set. */
static int open_direct(const char *path, int flags, int *sector) {
    int fd = open_at_once(path, flags);
    if (fd >= 0 && ioctl(fd, BLKSSZGET, sector) == 0 && fcntl(fd, F_SETFL, O_DIRECT) == 0) return fd;
    if (errno == ENOTTY) errno = ENOTBLK;
    close_keeping_errno(fd);
    return -1;
}

static int to_range(JSContext *ctx, JSValueConst *argv, int64_t *offset, int64_t *length) {
    if (JS_ToInt64(ctx, offset, argv[0]) < 0 || JS_ToInt64(ctx, length, argv[1]) < 0) return -1;
    if (*offset >= 0 && *length >= 0 && *length <= MOST_BYTES) return 0;
    errno = EINVAL;
    fail(ctx, "read", NULL);
    return -1;
}

/* readDirect(path, offset, length): fewer bytes at the end of the device. */
FUNCTION(readDirect) {
    int64_t offset, length;
    int sector;
    if (to_range(ctx, argv + 1, &offset, &length) < 0) return JS_EXCEPTION;
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    int fd = open_direct(path, O_RDONLY, &sector);
    uint8_t *bytes = fd < 0 ? NULL : aligned(length);
    ssize_t got = bytes ? read_at(fd, bytes, length, offset) : -1;
    JSValue result = got < 0 ? fail(ctx, "read", path) : JS_NewArrayBufferCopy(ctx, bytes, got);
    close_keeping_errno(fd);
    free(bytes);
    free(path);
    return result;
}

/* writeDirect(path, offset, data) */
FUNCTION(writeDirect) {
    struct data data;
    int64_t offset;
    int sector;
    if (JS_ToInt64(ctx, &offset, argv[1]) < 0) return JS_EXCEPTION;
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    if (to_data(ctx, argv[2], &data) < 0) {
        free(path);
        return JS_EXCEPTION;
    }
    int fd = open_direct(path, O_WRONLY, &sector), failed = fd < 0;
    uint8_t *bytes = failed ? NULL : aligned(data.length);
    if (bytes) memcpy(bytes, data.bytes, data.length);
    if (!bytes || write_at(fd, bytes, data.length, offset) < 0) failed = 1;
    JSValue result = failed ? fail(ctx, "write", path) : JS_UNDEFINED;
    close_keeping_errno(fd);
    free(bytes);
    release_data(ctx, &data);
    free(path);
    return result;
}

/*
 * A part of a file beside the place on a device where it belongs: (from, at, length, path, offset).
 * What the file has of it, padded with zeros to whole sectors.
 */
struct pair {
    char *from, *path;
    int64_t offset;
    size_t length;
    int fd;
    uint8_t *bytes;
};

static void release_pair(struct pair *pair) {
    if (pair->fd >= 0) close(pair->fd);
    free(pair->bytes);
    free(pair->from);
    free(pair->path);
}

/* -1 after an exception. */
static int to_pair(JSContext *ctx, JSValueConst *argv, int flags, struct pair *pair) {
    int64_t at, length;
    int sector, source = -1;
    memset(pair, 0, sizeof *pair);
    pair->fd = -1;
    if (to_range(ctx, argv + 1, &at, &length) < 0 || JS_ToInt64(ctx, &pair->offset, argv[4]) < 0) return -1;
    pair->from = to_path(ctx, argv[0]);
    pair->path = pair->from ? to_path(ctx, argv[3]) : NULL;
    if (!pair->path) goto failed;
    const char *bad = pair->from;
    ssize_t got = -1;
    if ((source = open_at_once(pair->from, O_RDONLY)) >= 0 && (pair->bytes = aligned(length)))
        got = read_at(source, pair->bytes, length, at);
    if (got >= 0) {
        bad = pair->path;
        pair->fd = open_direct(pair->path, flags, &sector);
    }
    close_keeping_errno(source);
    if (pair->fd >= 0) {
        pair->length = rounded(got, sector);
        return 0;
    }
    fail(ctx, "open", bad);
failed:
    release_pair(pair);
    return -1;
}

/* copyDirect(from, at, length, path, offset) */
FUNCTION(copyDirect) {
    struct pair pair;
    if (to_pair(ctx, argv, O_WRONLY, &pair) < 0) return JS_EXCEPTION;
    int failed = write_at(pair.fd, pair.bytes, pair.length, pair.offset) < 0;
    JSValue result = failed ? fail(ctx, "write", pair.path) : JS_UNDEFINED;
    release_pair(&pair);
    return result;
}

/* isSameDirect(from, at, length, path, offset): whether the device has there what was copied. */
FUNCTION(isSameDirect) {
    struct pair pair;
    if (to_pair(ctx, argv, O_RDONLY, &pair) < 0) return JS_EXCEPTION;
    uint8_t *found = aligned(pair.length);
    ssize_t got = found ? read_at(pair.fd, found, pair.length, pair.offset) : -1;
    int same = got == (ssize_t)pair.length && !memcmp(found, pair.bytes, pair.length);
    JSValue result = got < 0 ? fail(ctx, "read", pair.path) : JS_NewBool(ctx, same);
    free(found);
    release_pair(&pair);
    return result;
}

const JSCFunctionListEntry direct_functions[] = {
    JS_CFUNC_DEF("readDirect", 3, readDirect),
    JS_CFUNC_DEF("writeDirect", 3, writeDirect),
    JS_CFUNC_DEF("copyDirect", 5, copyDirect),
    JS_CFUNC_DEF("isSameDirect", 5, isSameDirect),
};
const int direct_function_count = sizeof direct_functions / sizeof *direct_functions;
