/* Files and directories that are opened once: what a name leads to later does not matter to work
 * on a descriptor. Whoever owns a directory may change its names at any moment, also while root
 * works there. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"

static const char opened[] = "/proc/self/fd/";

/* Where a walk begins, and the rest of the path: what was opened before stands for itself and is
 * no link. */
static int open_start(const char **path) {
    const int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    if (!strncmp(*path, opened, sizeof opened - 1)) {
        char *rest;
        long fd = strtol(*path + sizeof opened - 1, &rest, 10);
        if (rest > *path + sizeof opened - 1 && (!*rest || *rest == '/')) {
            *path = rest;
            return fcntl((int)fd, F_DUPFD_CLOEXEC, 3);
        }
    }
    return open(**path == '/' ? "/" : ".", flags);
}

/* Opens a directory name by name and follows no link on the way. -1 with errno set: ELOOP at a
 * link. */
static int open_directory(const char *path) {
    if (!*path) {
        errno = ENOENT;
        return -1;
    }
    int at = open_start(&path);
    while (at >= 0) {
        struct stat st;
        char name[256];
        path += strspn(path, "/");
        size_t length = strcspn(path, "/");
        if (!length) break;
        int next = -1;
        if (length >= sizeof name) errno = ENAMETOOLONG;
        else {
            memcpy(name, path, length);
            name[length] = 0;
            next = openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        }
        if (next >= 0 && fstat(next, &st) == 0 && !S_ISDIR(st.st_mode)) {
            close(next);
            next = -1;
            errno = S_ISLNK(st.st_mode) ? ELOOP : ENOTDIR;
        }
        int kept = errno;
        close(at);
        errno = kept;
        at = next;
        path += length;
    }
    return at;
}

/* Opens the directory that a path's last name lies in, and gives that name; links are followed on
 * the way, if they may be. */
static int open_above(const char *path, int follows, const char **name) {
    const char *slash = strrchr(path, '/');
    *name = slash ? slash + 1 : path;
    if (!**name) {
        errno = EISDIR;
        return -1;
    }
    char *above = slash ? strndup(path, slash == path ? 1 : slash - path) : strdup(".");
    if (!above) return -1;
    int fd = follows ? open(above, O_PATH | O_DIRECTORY | O_CLOEXEC) : open_directory(above);
    int kept = errno;
    free(above);
    errno = kept;
    return fd;
}

int create_new(const char *path, mode_t mode) {
    const char *name;
    int above = open_above(path, 1, &name);
    if (above < 0) return -1;
    int fd = openat(above, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, mode);
    int kept = errno;
    close(above);
    errno = kept;
    return fd;
}

/* Opens what is an ordinary file and no link. It is looked at before it is opened: to open a
 * device may already do something. */
static int open_file(const char *path) {
    const char *name;
    struct stat st;
    int above = open_above(path, 0, &name);
    if (above < 0) return -1;
    int fd = openat(above, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    int kept = errno;
    close(above);
    errno = kept;
    if (fd < 0 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))) return fd;
    close(fd);
    errno = S_ISLNK(st.st_mode) ? ELOOP : S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
    return -1;
}

/* Programs that are run meanwhile inherit it: the path "/proc/self/fd/N" leads them to the same. */
static JSValue give(JSContext *ctx, const char *call, int fd, const char *path) {
    if (fd >= 0 && fcntl(fd, F_SETFD, 0) == 0) return JS_NewInt32(ctx, fd);
    JSValue error = fail(ctx, call, path);
    if (fd >= 0) close(fd);
    return error;
}

FUNCTION(openDirectory) {
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    JSValue result = give(ctx, "open", open_directory(path), path);
    free(path);
    return result;
}

FUNCTION(openFile) {
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    JSValue result = give(ctx, "open", open_file(path), path);
    free(path);
    return result;
}

FUNCTION(createFile) {
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    int fd = create_new(path, to_number(ctx, argv[1]));
    JSValue result = fd < 0 ? fail(ctx, "open", path) : JS_UNDEFINED;
    if (fd >= 0) close(fd);
    free(path);
    return result;
}

FUNCTION(createOpen) {
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    /* Held like the others: a file that is open for writing would keep its file system writable. */
    int made = create_new(path, to_number(ctx, argv[1])), fd = -1;
    if (made >= 0) {
        char held[sizeof opened + 11];
        snprintf(held, sizeof held, "%s%d", opened, made);
        fd = open(held, O_PATH | O_CLOEXEC);
        int kept = errno;
        close(made);
        errno = kept;
    }
    JSValue result = give(ctx, "open", fd, path);
    free(path);
    return result;
}

const JSCFunctionListEntry descriptor_functions[] = {
    JS_CFUNC_DEF("openDirectory", 1, openDirectory),
    JS_CFUNC_DEF("openFile", 1, openFile),
    JS_CFUNC_DEF("createFile", 2, createFile),
    JS_CFUNC_DEF("createOpen", 2, createOpen),
};
const int descriptor_function_count = sizeof descriptor_functions / sizeof *descriptor_functions;
