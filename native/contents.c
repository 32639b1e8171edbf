/* The contents of files, devices and streams: reading and writing bytes. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "host.h"

int open_at_once(const char *path, int flags) {
    int fd = open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0) fcntl(fd, F_SETFL, flags & O_APPEND);
    return fd;
}

void close_keeping_errno(int fd) {
    int kept = errno;
    if (fd >= 0) close(fd);
    errno = kept;
}

static const size_t most_bytes = MOST_BYTES;

static uint8_t *read_until_end(int fd, size_t *length) {
    struct stat status;
    if (fstat(fd, &status) < 0) return NULL;
    /* Reading a FIFO would block forever, /dev/zero never ends. */
    errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    if (!S_ISREG(status.st_mode)) return NULL;
    /* Files in /proc and /sys report no size (or too large a one): read until the end. */
    size_t room = status.st_size > 0 && (size_t)status.st_size < most_bytes ? (size_t)status.st_size + 1 : 16384;
    uint8_t *bytes = malloc(room);
    for (*length = 0; bytes;) {
        ssize_t got = read(fd, bytes + *length, room - *length);
        if (got < 0 && errno == EINTR) continue;
        if (got == 0) return bytes;
        if (got < 0) break;
        if ((*length += got) < room) continue;
        errno = EFBIG;
        uint8_t *more = room < most_bytes ? realloc(bytes, room *= 2) : NULL;
        if (!more) break;
        bytes = more;
    }
    int kept = errno;
    free(bytes);
    errno = kept;
    return NULL;
}

uint8_t *read_whole(const char *path, size_t *length) {
    int fd = open_at_once(path, O_RDONLY);
    if (fd < 0) return NULL;
    uint8_t *bytes = read_until_end(fd, length);
    close_keeping_errno(fd);
    return bytes;
}

static JSValue read_with(JSContext *ctx, JSValueConst *argv, JSValue (*convert)(JSContext *, const char *, size_t)) {
    char *path = to_path(ctx, argv[0]);
    size_t length;
    if (!path) return JS_EXCEPTION;
    uint8_t *bytes = read_whole(path, &length);
    JSValue result = bytes ? convert(ctx, (char *)bytes, length) : fail(ctx, "read", path);
    free(bytes);
    free(path);
    return result;
}

FUNCTION(readFile) { return read_with(ctx, argv, from_text); }

/* For the kernel's tables of paths, which are bytes as paths are. */
FUNCTION(readPaths) { return read_with(ctx, argv, from_bytes); }

ssize_t read_at(int fd, uint8_t *bytes, size_t length, off_t offset) {
    size_t used = 0;
    while (used < length) {
        ssize_t got = pread(fd, bytes + used, length - used, offset + used);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) break;
        used += got;
    }
    return used;
}

int write_at(int fd, const uint8_t *bytes, size_t length, off_t offset) {
    for (size_t written = 0; written < length;) {
        ssize_t put = pwrite(fd, bytes + written, length - written, offset + written);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return -1;
        written += put;
    }
    return 0;
}

static void free_bytes(UNUSED JSRuntime *runtime, UNUSED void *opaque, void *bytes) { free(bytes); }

FUNCTION(readRange) {
    char *path = to_path(ctx, argv[0]);
    int64_t offset, length;
    JSValue result;
    if (!path) return JS_EXCEPTION;
    if (JS_ToInt64(ctx, &offset, argv[1]) < 0 || JS_ToInt64(ctx, &length, argv[2]) < 0) {
        free(path);
        return JS_EXCEPTION;
    }
    int fd = open_at_once(path, O_RDONLY);
    if (fd < 0) {
        result = fail(ctx, "open", path);
        free(path);
        return result;
    }
    /* Memory that is not touched costs nothing, but a range beyond any file is refused as such. */
    int invalid = offset < 0 || length < 0 || length > (int64_t)most_bytes;
    if (invalid) errno = EINVAL;
    uint8_t *bytes = invalid ? NULL : malloc(length > 0 ? length : 1);
    ssize_t used = bytes ? read_at(fd, bytes, length, offset) : -1;
    if (used < 0) {
        result = fail(ctx, "read", path);
        free(bytes);
    } else {
        uint8_t *fitting = realloc(bytes, used > 0 ? used : 1);
        result = JS_NewArrayBuffer(ctx, fitting ? fitting : bytes, used, free_bytes, NULL, 0);
    }
    close(fd);
    free(path);
    return result;
}

static JSValue write_with(JSContext *ctx, JSValueConst *argv, int (*open_it)(const char *, mode_t), mode_t mode) {
    struct data data;
    char *path = to_path(ctx, argv[0]);
    JSValue result = JS_UNDEFINED;
    if (!path) return JS_EXCEPTION;
    if (to_data(ctx, argv[1], &data) < 0) {
        free(path);
        return JS_EXCEPTION;
    }
    int fd = open_it(path, mode);
    if (fd < 0) result = fail(ctx, "open", path);
    for (size_t written = 0; fd >= 0 && written < data.length;) {
        ssize_t put = write(fd, data.bytes + written, data.length - written);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) {
            result = fail(ctx, "write", path);
            break;
        }
        written += put;
    }
    if (fd >= 0 && close(fd) < 0 && !JS_IsException(result)) result = fail(ctx, "close", path);
    release_data(ctx, &data);
    free(path);
    return result;
}

static int open_to_append(const char *path, UNUSED mode_t mode) { return open_at_once(path, O_WRONLY | O_APPEND); }

FUNCTION(writeFile) { return write_with(ctx, argv, create_new, to_number(ctx, argv[2])); }
FUNCTION(appendFile) { return write_with(ctx, argv, open_to_append, 0); }

/* The file must exist: it is neither created nor truncated. */
FUNCTION(writeRange) {
    struct data data;
    int64_t offset;
    if (JS_ToInt64(ctx, &offset, argv[1]) < 0) return JS_EXCEPTION;
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    if (to_data(ctx, argv[2], &data) < 0) {
        free(path);
        return JS_EXCEPTION;
    }
    int fd = open_at_once(path, O_WRONLY);
    int failed = fd < 0 || write_at(fd, data.bytes, data.length, offset) < 0;
    JSValue result = failed ? fail(ctx, "write", path) : JS_UNDEFINED;
    if (fd >= 0 && close(fd) < 0 && !failed) result = fail(ctx, "close", path);
    release_data(ctx, &data);
    free(path);
    return result;
}

/* Reads one line of standard input without its newline, undefined at the end of input. Byte by
 * byte, so that the rest is left for the next call; what is longer than any answer is read and
 * dropped. */
FUNCTION(readLine) {
    static char line[65536];
    size_t used = 0;
    char byte;
    for (;;) {
        struct pollfd empty = { .fd = 0, .events = POLLIN };
        /* A read would be begun anew after a signal; whoever presses Ctrl-C gives no answer. */
        if (poll(&empty, 1, -1) < 0 && errno == EINTR && interruption) return JS_UNDEFINED;
        ssize_t got = read(0, &byte, 1);
        if (got < 0 && (errno == EINTR || (errno == EAGAIN && poll(&empty, 1, -1) > 0))) continue;
        if (got < 0) return fail(ctx, "read", NULL);
        if (got == 0 && used == 0) return JS_UNDEFINED;
        if (got == 0 || byte == '\n') return from_text(ctx, line, used);
        if (used < sizeof line) line[used++] = byte;
    }
}

/* A terminal is readable once its line is complete. A closed or invalid stream counts as
 * readable, so that readLine reports it. */
FUNCTION(waitForInput) {
    struct pollfd input = { .fd = 0, .events = POLLIN };
    return JS_NewBool(ctx, poll(&input, 1, to_number(ctx, argv[0])) > 0);
}

FUNCTION(writeStream) {
    struct data data;
    int fd = to_number(ctx, argv[0]);
    if (to_data(ctx, argv[1], &data) < 0) return JS_EXCEPTION;
    size_t written = 0;
    while (written < data.length) {
        ssize_t put = write(fd, data.bytes + written, data.length - written);
        struct pollfd full = { .fd = fd, .events = POLLOUT };
        if (put < 0 && (errno == EINTR || (errno == EAGAIN && poll(&full, 1, -1) > 0))) continue;
        if (put <= 0) break;
        written += put;
    }
    JSValue result = written < data.length ? fail(ctx, "write", NULL) : JS_UNDEFINED;
    release_data(ctx, &data);
    return result;
}

/* The whole log; records are cut into lines with their level and time. */
FUNCTION(kernelLog) {
    int length = klogctl(10 /* SYSLOG_ACTION_SIZE_BUFFER */, NULL, 0);
    char *text = length < 0 ? NULL : malloc((size_t)length + 1);
    if (length >= 0 && !text) return JS_ThrowOutOfMemory(ctx);
    if (length >= 0) length = klogctl(3 /* SYSLOG_ACTION_READ_ALL */, text, length);
    JSValue result = length < 0 ? fail(ctx, "syslog", NULL) : from_text(ctx, text, (size_t)length);
    free(text);
    return result;
}

/* Writes one record to the kernel log, whose limit is a little under 1,024 bytes. Without its
 * newline the kernel would hold it back, because the line may continue, until it logs something
 * itself. If there is no log, there is nowhere to report that. */
FUNCTION(logKernel) {
    size_t length;
    const char *line = JS_ToCStringLen(ctx, &length, argv[0]);
    if (!line) return JS_EXCEPTION;
    int log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (log >= 0) {
        struct iovec record[] = {
            { .iov_base = (char *)line, .iov_len = length < 960 ? length : 960 },
            { .iov_base = "\n", .iov_len = 1 },
        };
        if (writev(log, record, 2) < 0) errno = 0;
        close(log);
    }
    JS_FreeCString(ctx, line);
    return JS_UNDEFINED;
}

FUNCTION(isTerminal) { return JS_NewBool(ctx, isatty(to_number(ctx, argv[0]))); }

/* Undefined for what is no terminal, and for a serial line that does not know. */
FUNCTION(columnsOf) {
    struct winsize size;
    if (ioctl(to_number(ctx, argv[0]), TIOCGWINSZ, &size) < 0 || size.ws_col == 0) return JS_UNDEFINED;
    return JS_NewInt32(ctx, size.ws_col);
}

const JSCFunctionListEntry content_functions[] = {
    JS_CFUNC_DEF("readFile", 1, readFile),
    JS_CFUNC_DEF("readPaths", 1, readPaths),
    JS_CFUNC_DEF("readRange", 3, readRange),
    JS_CFUNC_DEF("writeFile", 3, writeFile),
    JS_CFUNC_DEF("appendFile", 2, appendFile),
    JS_CFUNC_DEF("writeRange", 3, writeRange),
    JS_CFUNC_DEF("readLine", 0, readLine),
    JS_CFUNC_DEF("waitForInput", 1, waitForInput),
    JS_CFUNC_DEF("writeStream", 2, writeStream),
    JS_CFUNC_DEF("kernelLog", 0, kernelLog),
    JS_CFUNC_DEF("logKernel", 1, logKernel),
    JS_CFUNC_DEF("isTerminal", 1, isTerminal),
    JS_CFUNC_DEF("columnsOf", 1, columnsOf),
};
const int content_function_count = sizeof content_functions / sizeof *content_functions;
