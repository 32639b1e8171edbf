/* A checker that was taken over by what it checks: tries what a process with rights could do, and
 * says what worked. fsck.f2fs --dry-run DEVICE */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static void tell(const char *what, int worked) {
    if (worked) printf("[ASSERT] %s works\n", what);
}

static int can_open(const char *path, int how) {
    int fd = open(path, how, 0600);
    if (fd >= 0) close(fd);
    return fd >= 0;
}

static int count(const char *path) {
    int found = 0;
    DIR *directory = opendir(path);
    while (directory && readdir(directory)) found++;
    if (directory) closedir(directory);
    return found;
}

int main(int argc, char **argv) {
    const char *device = argv[argc - 1];
    tell("nothing, not even reading,", !can_open(device, O_RDONLY));
    tell("writing to the device", can_open(device, O_WRONLY));
    tell("making it writable", chmod(device, 0666) == 0 || chown(device, 65533, 65533) == 0);
    tell("writing to the base", can_open("/made", O_WRONLY | O_CREAT) || can_open("/usr/sbin/fsck.f2fs", O_WRONLY));
    tell("writing to the kernel", can_open("/proc/sys/kernel/core_pattern", O_WRONLY) || can_open("/proc/sysrq-trigger", O_WRONLY));
    tell("reading another process", can_open("/proc/1/mem", O_RDONLY) || can_open("/proc/1/root/etc", O_RDONLY));
    tell("making a node", mknod("/dev/work/disk", S_IFBLK | 0600, makedev(7, 0)) == 0);
    tell("mounting", mount("none", "/dev/work", "tmpfs", 0, "") == 0 || mount("none", "/proc", "devtmpfs", 0, "") == 0);
    tell("leaving the root", chroot("/dev/work") == 0);
    tell("ending others", kill(-1, 0) == 0 || getppid() != 0);
    tell("becoming root", setuid(0) == 0);
    tell("seeing disks", count("/dev") != 5 || count("/sys") > 2 || count("/run") > 2);
    tell("an open file", fcntl(3, F_GETFD) >= 0 || fcntl(4, F_GETFD) >= 0 || fcntl(5, F_GETFD) >= 0);
    tell("a file in memory", can_open("/dev/work/file", O_WRONLY | O_CREAT));
    if (fork() == 0) for (;;) pause();
    return 255;
}
