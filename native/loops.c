/* Loop devices: a file as a block device. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <linux/fs.h>
#include <linux/loop.h>
#include <linux/major.h>

#include "host.h"

/* LOOP_CONFIGURE does it in one step; kernels before 5.8 have only the two older calls. */
static int configure_loop(int loop, const struct loop_config *config) {
    if (ioctl(loop, LOOP_CONFIGURE, config) == 0) return 0;
    if (errno != EINVAL && errno != ENOTTY) return -1;
    if (ioctl(loop, LOOP_SET_FD, config->fd) < 0) return -1;
    if (ioctl(loop, LOOP_SET_STATUS64, &config->info) == 0) return 0;
    int kept = errno;
    ioctl(loop, LOOP_CLR_FD, 0);
    errno = kept;
    return -1;
}

/*
 * What a file system discards, or only fills with zeros, the loop driver punches out of the file
 * (lo_fallocate in drivers/block/loop.c), and ext4 fills tables that it has not used yet with zeros
 * by itself. A file would lose the space that was allocated for it. Since Linux 5.19 this limit
 * prevents both, before only discards; a machine without /sys goes on without it. Newer kernels
 * keep the limit for the next files of the device as well, until the machine is restarted: what is
 * deleted in those still takes space. So a file that is to give room back gets a device that was
 * never used.
 */
static void keep_room(const char *device) {
    char limit[64];
    snprintf(limit, sizeof limit, "/sys/block/%s/queue/discard_max_bytes", device + strlen("/dev/"));
    int file = open(limit, O_WRONLY | O_CLOEXEC);
    if (file < 0) return;
    ssize_t written = write(file, "0", 1);
    (void)written;
    close(file);
}

/* A device with autoclear vanishes with its last user, so the caller keeps its file descriptor
 * open. */
FUNCTION(attachLoop) {
    struct loop_config config = { 0 };
    char device[32];
    int64_t offset = 0, bytes = 0;
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    int readonly = JS_ToBool(ctx, argv[1]), direct = JS_ToBool(ctx, argv[4]);
    int gives_back = JS_ToBool(ctx, argv[5]), loop = -1;
    if (JS_ToInt64(ctx, &offset, argv[2]) < 0 || JS_ToInt64(ctx, &bytes, argv[3]) < 0) {
        free(path);
        return JS_EXCEPTION;
    }
    int file = open_at_once(path, readonly ? O_RDONLY : O_RDWR);
    int control = file < 0 ? -1 : open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    if (control < 0) {
        JSValue error = fail(ctx, "open", file < 0 ? path : "/dev/loop-control");
        if (file >= 0) close(file);
        free(path);
        return error;
    }
    config.fd = file;
    config.info.lo_flags = LO_FLAGS_AUTOCLEAR | (readonly ? LO_FLAGS_READ_ONLY : 0);
    config.info.lo_offset = offset;
    config.info.lo_sizelimit = bytes;
    strncpy((char *)config.info.lo_file_name, path, LO_NAME_SIZE - 1);
    /* Another process may take the free device between the two calls: ask again then. */
    for (int tries = 0; tries < 64; tries++) {
        int number = gives_back ? ioctl(control, LOOP_CTL_ADD, -1) : ioctl(control, LOOP_CTL_GET_FREE);
        if (number < 0) break;
        snprintf(device, sizeof device, "/dev/loop%d", number);
        loop = open(device, (readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC);
        if (loop < 0) break;
        if (configure_loop(loop, &config) == 0) break;
        int kept = errno;
        close(loop);
        loop = -1;
        errno = kept;
        if (errno != EBUSY) break;
    }
    JSValue result;
    struct stat st;
    if (loop < 0) result = fail(ctx, "loop", path);
    else {
        if (!readonly && !gives_back && fstat(file, &st) == 0 && S_ISREG(st.st_mode)) keep_room(device);
        /* A host that does not support it (or a kernel before 4.10) uses the page cache, as if
         * not asked. */
        if (direct) ioctl(loop, LOOP_SET_DIRECT_IO, 1L);
        result = JS_NewObject(ctx);
        JS_SetPropertyStr(ctx, result, "device", JS_NewString(ctx, device));
        JS_SetPropertyStr(ctx, result, "handle", JS_NewInt32(ctx, loop));
    }
    close(control);
    close(file);
    free(path);
    return result;
}

/* Undefined if it is not a loop device in use; the file name is truncated after 63 bytes here,
 * /sys has all of it. */
FUNCTION(loopStatus) {
    struct loop_info64 info;
    struct stat st;
    uint64_t bytes = 0;
    char *path = to_path(ctx, argv[0]);
    JSValue result = JS_UNDEFINED;
    if (!path) return JS_EXCEPTION;
    int loop = -1;
    if (stat(path, &st) < 0) {
        if (errno != ENOENT && errno != ENOTDIR) result = fail(ctx, "stat", path);
    } else if (S_ISBLK(st.st_mode) && major(st.st_rdev) == LOOP_MAJOR) {
        loop = open_at_once(path, O_RDONLY);
        if (loop < 0 || ioctl(loop, LOOP_GET_STATUS64, &info) < 0 || ioctl(loop, BLKGETSIZE64, &bytes) < 0) {
            if (errno != ENXIO) result = fail(ctx, "LOOP_GET_STATUS64", path);
        } else {
            result = JS_NewObject(ctx);
            JS_SetPropertyStr(ctx, result, "device", JS_NewInt64(ctx, info.lo_device));
            JS_SetPropertyStr(ctx, result, "inode", JS_NewInt64(ctx, info.lo_inode));
            JS_SetPropertyStr(ctx, result, "offset", JS_NewInt64(ctx, info.lo_offset));
            JS_SetPropertyStr(ctx, result, "bytes", JS_NewInt64(ctx, bytes));
            JS_SetPropertyStr(ctx, result, "readonly", JS_NewBool(ctx, info.lo_flags & LO_FLAGS_READ_ONLY));
            JS_SetPropertyStr(ctx, result, "directIo", JS_NewBool(ctx, info.lo_flags & LO_FLAGS_DIRECT_IO));
        }
    }
    if (loop >= 0) close(loop);
    free(path);
    return result;
}

FUNCTION(setLoopCapacity) {
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    int loop = open_at_once(path, O_RDONLY);
    JSValue result = loop < 0 || ioctl(loop, LOOP_SET_CAPACITY, 0L) < 0 ? fail(ctx, "LOOP_SET_CAPACITY", path) : JS_UNDEFINED;
    if (loop >= 0) close(loop);
    free(path);
    return result;
}

/* A device in use is only marked to be detached by its last user. */
FUNCTION(detachLoop) {
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    int loop = open_at_once(path, O_RDONLY);
    JSValue result = loop < 0 || ioctl(loop, LOOP_CLR_FD, 0) < 0 ? fail(ctx, "LOOP_CLR_FD", path) : JS_UNDEFINED;
    if (loop >= 0) close(loop);
    free(path);
    return result;
}

const JSCFunctionListEntry loop_functions[] = {
    JS_CFUNC_DEF("attachLoop", 6, attachLoop),
    JS_CFUNC_DEF("loopStatus", 1, loopStatus),
    JS_CFUNC_DEF("setLoopCapacity", 1, setLoopCapacity),
    JS_CFUNC_DEF("detachLoop", 1, detachLoop),
};
const int loop_function_count = sizeof loop_functions / sizeof *loop_functions;
