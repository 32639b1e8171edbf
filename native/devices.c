/* Block devices, the kernel's announcements of devices (uevents), and kernel modules. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/fs.h>
#include <linux/netlink.h>

#include "host.h"

FUNCTION(deviceBytes) {
    struct stat st;
    uint64_t bytes = 0;
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    int fd = open_at_once(path, O_RDONLY);
    int failed = fd < 0 || fstat(fd, &st) < 0;
    if (!failed && S_ISBLK(st.st_mode)) failed = ioctl(fd, BLKGETSIZE64, &bytes) < 0;
    else if (!failed) bytes = st.st_size;
    JSValue result = failed ? fail(ctx, "size", path) : JS_NewInt64(ctx, bytes);
    if (fd >= 0) close(fd);
    free(path);
    return result;
}

FUNCTION(readonlyFlag) {
    int flag = 0;
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    int fd = open_at_once(path, O_RDONLY);
    JSValue result = fd < 0 || ioctl(fd, BLKROGET, &flag) < 0 ? fail(ctx, "BLKROGET", path) : JS_NewBool(ctx, flag);
    if (fd >= 0) close(fd);
    free(path);
    return result;
}

FUNCTION(setReadonlyFlag) {
    char *path = to_path(ctx, argv[0]);
    int flag = JS_ToBool(ctx, argv[1]);
    if (!path) return JS_EXCEPTION;
    int fd = open_at_once(path, O_RDONLY);
    JSValue result = fd < 0 || ioctl(fd, BLKROSET, &flag) < 0 ? fail(ctx, "BLKROSET", path) : JS_UNDEFINED;
    if (fd >= 0) close(fd);
    free(path);
    return result;
}

FUNCTION(rereadPartitions) {
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    int fd = open_at_once(path, O_RDONLY);
    JSValue result = fd < 0 || ioctl(fd, BLKRRPART) < 0 ? fail(ctx, "BLKRRPART", path) : JS_UNDEFINED;
    if (fd >= 0) close(fd);
    free(path);
    return result;
}

FUNCTION(waitForUevent) {
    static int listener = -1;
    int32_t timeout = 0;
    char message[8192];
    JS_ToInt32(ctx, &timeout, argv[0]);
    if (listener < 0) {
        struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
        listener = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
        if (listener < 0) return fail(ctx, "socket", NULL);
        /* A burst at start-up must not be lost; if it is (ENOBUFS), something did happen, and
         * the caller needs no more than that. */
        int room = 1 << 20;
        setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
        if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) {
            JSValue error = fail(ctx, "bind", NULL);
            close(listener);
            listener = -1;
            return error;
        }
    }
    struct pollfd wait = { .fd = listener, .events = POLLIN };
    if (poll(&wait, 1, timeout) <= 0) return JS_FALSE;
    while (recv(listener, message, sizeof message, 0) >= 0 || errno == ENOBUFS) {}
    return JS_TRUE;
}

/* Modules compressed with zstd are unpacked here. Other compressions are left to the kernel
 * (5.17 and newer, if built so). */
FUNCTION(insertModule) {
    char *path = to_path(ctx, argv[0]), *parameters = path ? to_path(ctx, argv[1]) : NULL;
    if (!parameters) {
        free(path);
        return JS_EXCEPTION;
    }
    size_t length, end = strlen(path);
    long status = -1;
    uint8_t *image = NULL;
    if (end > 4 && !strcmp(path + end - 4, ".zst")) {
        if ((image = read_packed(path, &length))) status = syscall(SYS_init_module, image, length, parameters);
        else if (errno == EBADMSG) errno = ENOEXEC;
    } else {
        int fd = open_at_once(path, O_RDONLY);
        int compressed = end > 3 && strcmp(path + end - 3, ".ko") != 0;
        if (fd >= 0) status = syscall(SYS_finit_module, fd, parameters, compressed ? 4 /* MODULE_INIT_COMPRESSED_FILE */ : 0);
        int kept = errno;
        if (fd >= 0) close(fd);
        errno = kept;
    }
    int kept = errno;
    free(image);
    errno = kept;
    JSValue result = status < 0 ? fail(ctx, "init_module", path) : JS_UNDEFINED;
    free(path);
    free(parameters);
    return result;
}

const JSCFunctionListEntry device_functions[] = {
    JS_CFUNC_DEF("deviceBytes", 1, deviceBytes),
    JS_CFUNC_DEF("isReadonly", 1, readonlyFlag),
    JS_CFUNC_DEF("setReadonly", 2, setReadonlyFlag),
    JS_CFUNC_DEF("rereadPartitions", 1, rereadPartitions),
    JS_CFUNC_DEF("waitForUevent", 1, waitForUevent),
    JS_CFUNC_DEF("insertModule", 2, insertModule),
};
const int device_function_count = sizeof device_functions / sizeof *device_functions;
