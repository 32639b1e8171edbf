/* Disk space: the free space of a file system, and allocating files before anything is written
 * to them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <linux/falloc.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/magic.h>

#include "host.h"

FUNCTION(statvfs_) {
    struct statvfs st;
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    if (statvfs(path, &st) < 0) {
        JSValue error = fail(ctx, "statvfs", path);
        free(path);
        return error;
    }
    free(path);
    JSValue object = JS_NewObject(ctx);
    JS_SetPropertyStr(ctx, object, "totalBytes", JS_NewInt64(ctx, (int64_t)st.f_blocks * st.f_frsize));
    JS_SetPropertyStr(ctx, object, "availableBytes", JS_NewInt64(ctx, (int64_t)st.f_bavail * st.f_frsize));
    JS_SetPropertyStr(ctx, object, "freeBytes", JS_NewInt64(ctx, (int64_t)st.f_bfree * st.f_frsize));
    JS_SetPropertyStr(ctx, object, "totalInodes", JS_NewInt64(ctx, (int64_t)st.f_files));
    JS_SetPropertyStr(ctx, object, "freeInodes", JS_NewInt64(ctx, (int64_t)st.f_ffree));
    JS_SetPropertyStr(ctx, object, "readonly", JS_NewBool(ctx, st.f_flag & ST_RDONLY));
    return object;
}

static JSValue allocate_as(JSContext *ctx, JSValueConst *argv, int mode) {
    int64_t offset, length;
    if (JS_ToInt64(ctx, &offset, argv[1]) < 0 || JS_ToInt64(ctx, &length, argv[2]) < 0) return JS_EXCEPTION;
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    int fd = open_at_once(path, O_WRONLY), failed = fd < 0;
    while (!failed && fallocate(fd, mode, offset, length) < 0) failed = errno != EINTR;
    JSValue result = failed ? fail(ctx, "fallocate", path) : JS_UNDEFINED;
    if (fd >= 0) close(fd);
    free(path);
    return result;
}

FUNCTION(allocate) {
    return allocate_as(ctx, argv, 0);
}

FUNCTION(reserve) {
    return allocate_as(ctx, argv, FALLOC_FL_KEEP_SIZE);
}

FUNCTION(truncate_) {
    int64_t bytes;
    if (JS_ToInt64(ctx, &bytes, argv[1]) < 0) return JS_EXCEPTION;
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    JSValue result = truncate(path, bytes) < 0 ? fail(ctx, "truncate", path) : JS_UNDEFINED;
    free(path);
    return result;
}

static int has_no_flags(int number) {
    return number == ENOTTY || number == EOPNOTSUPP || number == ENOSYS || number == EINVAL;
}

FUNCTION(disableCopyOnWrite) {
    int flags = 0, failed;
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    int fd = open_at_once(path, O_RDONLY);
    failed = fd < 0;
    if (!failed && ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0) failed = !has_no_flags(errno);
    else if (!failed) {
        /* btrfs refuses the flag together with those for compression, which a file inherits from
         * its directory, and also changing from one to the other in a single call. */
        const int compression = FS_COMPR_FL | FS_NOCOMP_FL;
        if (flags & compression) {
            flags &= ~compression;
            ioctl(fd, FS_IOC_SETFLAGS, &flags);
        }
        flags |= FS_NOCOW_FL;
        failed = ioctl(fd, FS_IOC_SETFLAGS, &flags) < 0 && !has_no_flags(errno);
    }
    JSValue result = failed ? fail(ctx, "FS_IOC_SETFLAGS", path) : JS_UNDEFINED;
    if (fd >= 0) close(fd);
    free(path);
    return result;
}

#define EXTENTS 256
/* Asking btrfs whether an extent is shared takes time. */
#define MOST_EXTENTS (64 * EXTENTS)

/* The bytes of a file in extents that other files refer to as well. */
static int64_t shared_bytes(int fd) {
    int64_t shared = 0;
    struct fiemap *map = malloc(sizeof *map + EXTENTS * sizeof *map->fm_extents);
    if (!map) return 0;
    uint64_t at = 0;
    for (int seen = 0, last = 0; !last && seen < MOST_EXTENTS; seen += EXTENTS) {
        *map = (struct fiemap){.fm_start = at, .fm_extent_count = EXTENTS};
        map->fm_length = ~(uint64_t)0 - at;
        /* Where nothing can be shared, this is often unknown. */
        if (ioctl(fd, FS_IOC_FIEMAP, map) < 0 || map->fm_mapped_extents == 0) break;
        for (uint32_t i = 0; i < map->fm_mapped_extents; i++) {
            const struct fiemap_extent *extent = &map->fm_extents[i];
            if (extent->fe_flags & FIEMAP_EXTENT_SHARED) shared += (int64_t)extent->fe_length;
            at = extent->fe_logical + extent->fe_length;
            last = (extent->fe_flags & FIEMAP_EXTENT_LAST) != 0;
        }
    }
    free(map);
    return shared;
}

FUNCTION(ownership) {
    int flags = 0;
    struct statfs st;
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    int fd = open_at_once(path, O_RDONLY);
    JSValue result = fd < 0 ? fail(ctx, "open", path) : JS_NewObject(ctx);
    free(path);
    if (fd < 0) return result;
    int copies = fstatfs(fd, &st) == 0 && (uint32_t)st.f_type == BTRFS_SUPER_MAGIC &&
                 ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 && !(flags & FS_NOCOW_FL);
    JS_SetPropertyStr(ctx, result, "sharedBytes", JS_NewInt64(ctx, shared_bytes(fd)));
    JS_SetPropertyStr(ctx, result, "isCopiedOnWrite", JS_NewBool(ctx, copies));
    close(fd);
    return result;
}

FUNCTION(unshare) {
    return allocate_as(ctx, argv, FALLOC_FL_UNSHARE_RANGE);
}

const JSCFunctionListEntry allocation_functions[] = {
    JS_CFUNC_DEF("statvfs", 1, statvfs_),
    JS_CFUNC_DEF("allocate", 3, allocate),
    JS_CFUNC_DEF("reserve", 3, reserve),
    JS_CFUNC_DEF("truncate", 2, truncate_),
    JS_CFUNC_DEF("disableCopyOnWrite", 1, disableCopyOnWrite),
    JS_CFUNC_DEF("ownership", 1, ownership),
    JS_CFUNC_DEF("unshare", 3, unshare),
};
const int allocation_function_count = sizeof allocation_functions / sizeof *allocation_functions;
