/* Users of a file or a device: locks that keep a second backstore out, and the exclusive users
 * that the kernel knows. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"

/* Without O_CLOEXEC: a tool that outlives this process when it is killed must keep others out
 * until it ends. */
FUNCTION(lock) {
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    int fd = open_at_once(path, O_RDONLY);
    JSValue result;
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0 || fcntl(fd, F_SETFD, 0) < 0) {
        result = fail(ctx, "lock", path);
        if (fd >= 0) close(fd);
    } else result = JS_NewInt32(ctx, fd);
    free(path);
    return result;
}

/* F_OFD_GETLK reports the locks of all others, those of our own process among them; the kernel
 * answers for this file alone. */
FUNCTION(hasPartLocks) {
    struct flock wanted = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    int fd = open_at_once(path, O_RDONLY);
    int failed = fd < 0 || fcntl(fd, F_OFD_GETLK, &wanted) < 0;
    JSValue result = failed ? fail(ctx, "F_OFD_GETLK", path) : JS_NewBool(ctx, wanted.l_type != F_UNLCK);
    if (fd >= 0) close(fd);
    free(path);
    return result;
}

/* Opening exclusively fails while a file system, swap, md, device mapper or another exclusive
 * user has the device. */
FUNCTION(isBusy) {
    struct stat st;
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    int failed = stat(path, &st) < 0, fd = -1;
    if (!failed && !S_ISBLK(st.st_mode)) {
        errno = ENOTBLK;
        failed = 1;
    }
    if (!failed) fd = open_at_once(path, O_RDONLY | O_EXCL);
    int busy = !failed && fd < 0 && errno == EBUSY;
    JSValue result = failed || (fd < 0 && !busy) ? fail(ctx, "open", path) : JS_NewBool(ctx, busy);
    if (fd >= 0) close(fd);
    free(path);
    return result;
}

/* Keeps a device from all other exclusive users until the handle is closed. */
FUNCTION(claim) {
    struct stat st;
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    int fd = open_at_once(path, O_RDONLY | O_EXCL);
    if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISBLK(st.st_mode)) {
        close(fd);
        fd = -1;
        errno = ENOTBLK;
    }
    JSValue result = fd < 0 ? fail(ctx, "open", path) : JS_NewInt32(ctx, fd);
    free(path);
    return result;
}

FUNCTION(closeHandle) {
    int32_t fd = -1;
    JS_ToInt32(ctx, &fd, argv[0]);
    if (fd > 2) close(fd);
    return JS_UNDEFINED;
}

const JSCFunctionListEntry lock_functions[] = {
    JS_CFUNC_DEF("lock", 1, lock),
    JS_CFUNC_DEF("hasPartLocks", 1, hasPartLocks),
    JS_CFUNC_DEF("isBusy", 1, isBusy),
    JS_CFUNC_DEF("claim", 1, claim),
    JS_CFUNC_DEF("close", 1, closeHandle),
};
const int lock_function_count = sizeof lock_functions / sizeof *lock_functions;
