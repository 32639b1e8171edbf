/* Mounting, and the switch from the initramfs into the mounted system. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "host.h"

FUNCTION(mount_) {
    char *source = to_path(ctx, argv[0]), *target = source ? to_path(ctx, argv[1]) : NULL;
    char *type = target ? to_path(ctx, argv[2]) : NULL, *data = type ? to_path(ctx, argv[4]) : NULL;
    uint32_t flags = 0;
    JSValue result = JS_EXCEPTION;
    /* The kernel reads one page and silently drops the rest. */
    if (data && strlen(data) >= (size_t)sysconf(_SC_PAGESIZE)) {
        errno = E2BIG;
        result = fail(ctx, "mount", target);
    } else if (data && JS_ToUint32(ctx, &flags, argv[3]) == 0)
        result = mount(source, target, *type ? type : NULL, flags, *data ? data : NULL) < 0 ? fail(ctx, "mount", target) : JS_UNDEFINED;
    free(source);
    free(target);
    free(type);
    free(data);
    return result;
}

FUNCTION(umount2_) {
    char *target = to_path(ctx, argv[0]);
    if (!target) return JS_EXCEPTION;
    int lazy = JS_ToBool(ctx, argv[1]);
    JSValue result = umount2(target, lazy ? MNT_DETACH : 0) < 0 ? fail(ctx, "umount", target) : JS_UNDEFINED;
    free(target);
    return result;
}

/* linux/mount.h, which cannot be included beside sys/mount.h. */
#define TREE_CLONE 1 /* OPEN_TREE_CLONE */
#define TREE_RECURSIVE 0x8000 /* AT_RECURSIVE */
#define MOVE_FOLLOWS 1 /* MOVE_MOUNT_F_SYMLINKS */

/* Since Linux 5.2. Not inherited by programs: one that goes on would keep the mounts alive. */
FUNCTION(cloneMounts) {
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    int fd = syscall(SYS_open_tree, AT_FDCWD, path, TREE_CLONE | TREE_RECURSIVE | O_CLOEXEC);
    JSValue result = fd < 0 ? fail(ctx, "open_tree", path) : JS_NewInt32(ctx, fd);
    free(path);
    return result;
}

FUNCTION(attachMounts) {
    char *from = to_path(ctx, argv[0]), *to = from ? to_path(ctx, argv[1]) : NULL;
    JSValue result = JS_EXCEPTION;
    if (to) {
        int status = syscall(SYS_move_mount, AT_FDCWD, from, AT_FDCWD, to, MOVE_FOLLOWS);
        result = status < 0 ? fail(ctx, "move_mount", to) : JS_UNDEFINED;
    }
    free(from);
    free(to);
    return result;
}

FUNCTION(unshareMounts) {
    if (unshare(CLONE_NEWNS) < 0) return fail(ctx, "unshare", NULL);
    /* What others unmount is not kept mounted here. */
    if (mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL) < 0) return fail(ctx, "mount", "/");
    return JS_UNDEFINED;
}

/* Deletes what is on the same file system as `device` below the directory `fd`, which it closes. */
static void remove_below(int fd, dev_t device) {
    DIR *directory = fdopendir(fd);
    struct dirent *entry;
    if (!directory) {
        close(fd);
        return;
    }
    while ((entry = readdir(directory))) {
        struct stat st;
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_dev != device) continue;
        if (S_ISDIR(st.st_mode)) {
            int below = openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            if (below >= 0) remove_below(below, device);
        }
        unlinkat(fd, entry->d_name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0);
    }
    closedir(directory);
}

/* Does the same as util-linux's switch_root: frees the initramfs's memory, makes `root` the
 * root, and executes `argv`. */
FUNCTION(switchRoot) {
    struct stat old_root;
    struct statfs fs;
    const char *step = "open";
    char *root = to_path(ctx, argv[0]), **words = root ? to_words(ctx, argv[1]) : NULL;
    if (!words) {
        free(root);
        return JS_EXCEPTION;
    }
    int old = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (old < 0 || fstat(old, &old_root) < 0 || fstatfs(old, &fs) < 0) goto failed;
    step = "chdir";
    if (chdir(root) < 0) goto failed;
    step = "mount";
    if (mount(".", "/", NULL, MS_MOVE, NULL) < 0) goto failed;
    step = "chroot";
    if (chroot(".") < 0 || chdir("/") < 0) goto failed;
    step = "exec";
    if (access(words[0], X_OK) < 0) goto failed;
    /* Only a root in memory: one on a disk is never emptied, whoever calls this by mistake. */
    if (fs.f_type == RAMFS_MAGIC || fs.f_type == TMPFS_MAGIC) {
        /* In a child, so that init does not wait for it; init reaps it like every orphan. */
        pid_t child = fork();
        if (child <= 0) remove_below(old, old_root.st_dev);
        if (child == 0) _exit(0);
        if (child > 0) close(old);
        old = -1;
    }
    restore_signals();
    execv(words[0], words);
failed:;
    JSValue error = fail(ctx, step, strcmp(step, "exec") ? root : words[0]);
    if (old >= 0) close(old);
    free(root);
    free_words(words);
    return error;
}

const JSCFunctionListEntry mount_functions[] = {
    JS_CFUNC_DEF("mount", 5, mount_),
    JS_CFUNC_DEF("umount", 2, umount2_),
    JS_CFUNC_DEF("cloneMounts", 1, cloneMounts),
    JS_CFUNC_DEF("attachMounts", 2, attachMounts),
    JS_CFUNC_DEF("unshareMounts", 0, unshareMounts),
    JS_CFUNC_DEF("switchRoot", 2, switchRoot),
};
const int mount_function_count = sizeof mount_functions / sizeof *mount_functions;
