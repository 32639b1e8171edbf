/* The yardstick of "backstore changes": a walk through an upper directory and one base that makes
 * the same system calls and prints a line for each change, without overlayfs's marks; and the trees
 * that both walk through. walk-changes make DIRECTORY FILES; walk-changes walk UPPER BASE;
 * walk-changes measure PROGRAM ARGUMENT... (processor time in milliseconds, peak memory in KiB) */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static void require(int holds, const char *what) {
    if (holds) return;
    perror(what);
    exit(1);
}

/* Trees */

enum { FILES = 100, DIRECTORIES = 100 };
static const char content[1000] = "the same in both";

/* A file with a time of its own. */
static void put(const char *path, size_t bytes, mode_t mode, long seconds) {
    const struct timespec times[2] = { { seconds, 0 }, { seconds, 0 } };
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, mode);
    require(fd >= 0 && write(fd, content, bytes) == (ssize_t)bytes && futimens(fd, times) == 0, path);
    close(fd);
}

/* Four directories of ten are new. In the others are, of six files, two with another length, two
 * copies, one with another mode and one deletion; what was copied up has overlayfs's attribute. */
static void make(const char *root, long files) {
    char upper[4200], base[4200];
    for (long i = 0; i < files; i++) {
        long directory = i / FILES;
        int is_new = directory % 10 < 4, kind = i % FILES % 6;
        int at[2];
        for (int own = 0; own < 2; own++) {
            char *path = own ? upper : base;
            at[own] = sprintf(path, "%s/%s/d%03ld", root, own ? "store/upperdir" : "base", directory / DIRECTORIES);
            if (i % FILES == 0 && (own || !is_new)) {
                mkdir(path, 0755);
                sprintf(path + at[own], "/e%02ld", directory % DIRECTORIES);
                require(mkdir(path, 0755) == 0, path);
            }
            sprintf(path + at[own], "/e%02ld/file-%02ld.txt", directory % DIRECTORIES, i % FILES);
        }
        if (!is_new) put(base, kind < 4 ? sizeof content : 0, 0644, 1000000000 + i);
        if (!is_new && kind == 5) require(mknod(upper, S_IFCHR, 0) == 0, upper);
        else put(upper, !is_new && (kind == 2 || kind == 3) ? sizeof content : 0, kind == 4 ? 0600 : 0644, 1000000000 + i);
        if (!is_new && kind != 5) require(setxattr(upper, "trusted.overlay.origin", content, 29, 0) == 0, upper);
    }
}

/* The walk */

static char path[4096], names[1024], parts[2][1 << 16];

static int open_file(int directory, const char *name) {
    char held_path[32];
    struct stat status;
    int held = openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    require(held >= 0 && fstat(held, &status) == 0 && S_ISREG(status.st_mode), name);
    snprintf(held_path, sizeof held_path, "/proc/self/fd/%d", held);
    int fd = openat(AT_FDCWD, held_path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    close(held);
    return fd;
}

static ssize_t read_part(int fd, char *part, off_t at) {
    ssize_t used = 0, got;
    while ((got = pread(fd, part + used, sizeof parts[0] - used, at + used)) > 0) used += got;
    return used;
}

static int is_same(int one, int other, const char *name) {
    int files[2] = { open_file(one, name), open_file(other, name) }, same = 1, more = 1;
    for (off_t at = 0; same && more; at += sizeof parts[0]) {
        ssize_t used = read_part(files[0], parts[0], at);
        same = used == read_part(files[1], parts[1], at) && !memcmp(parts[0], parts[1], used);
        more = used == sizeof parts[0];
    }
    close(files[0]);
    close(files[1]);
    return same;
}

static const char *compare(int upper, int base, const char *name, struct stat *own) {
    struct stat its;
    if (fstatat(base, name, &its, AT_SYMLINK_NOFOLLOW) < 0) return "added";
    fchdir(base);
    llistxattr(name, names, sizeof names);
    if (S_ISCHR(own->st_mode)) return "deleted";
    if (S_ISDIR(own->st_mode)) return NULL;
    if (own->st_size != its.st_size || (own->st_size > 0 && !is_same(upper, base, name))) return "modified";
    int is_same_status = own->st_mode == its.st_mode && own->st_uid == its.st_uid && own->st_gid == its.st_gid;
    return is_same_status && own->st_mtime == its.st_mtime ? "same" : "metadata";
}

static void walk(int upper, int base, size_t length) {
    char *below[4096];
    size_t count = 0;
    DIR *directory = fdopendir(dup(upper));
    for (struct dirent *entry; (entry = readdir(directory));) {
        struct stat own;
        const char *name = entry->d_name, *kind = "added";
        if (!strcmp(name, ".") || !strcmp(name, "..")) continue;
        fchdir(upper);
        require(fstatat(upper, name, &own, AT_SYMLINK_NOFOLLOW) == 0, name);
        llistxattr(name, names, sizeof names);
        if (base >= 0) kind = compare(upper, base, name, &own);
        if (kind) printf("%-12s%8lld B  %.*s/%s\n", kind, (long long)own.st_size, (int)length, path, name);
        if (S_ISDIR(own.st_mode)) below[count++] = strdup(name);
    }
    closedir(directory);
    for (size_t i = 0; i < count; i++) {
        const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
        int own = openat(upper, below[i], flags), its = base < 0 ? -1 : openat(base, below[i], flags);
        walk(own, its, length + sprintf(path + length, "/%s", below[i]));
        close(own);
        if (its >= 0) close(its);
        free(below[i]);
    }
}

static void measure(char **argv) {
    int status;
    struct rusage usage;
    pid_t child = fork();
    if (child == 0) {
        int nowhere = open("/dev/null", O_WRONLY);
        dup2(nowhere, 1);
        execvp(argv[0], argv);
        _exit(127);
    }
    require(child > 0 && wait4(child, &status, 0, &usage) == child && status == 0, argv[0]);
    long used = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    printf("%ld %ld\n", (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + used, usage.ru_maxrss);
}

int main(int argc, char **argv) {
    require(argc >= 4, "arguments");
    if (!strcmp(argv[1], "make")) make(argv[2], atol(argv[3]));
    else if (!strcmp(argv[1], "measure")) measure(argv + 2);
    else walk(open(argv[2], O_RDONLY), open(argv[3], O_RDONLY), 0);
}
