/* Child processes, the clock, and what the kernel reports of itself. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/reboot.h>

#include "host.h"

struct output {
    char *bytes;
    size_t used, room, most;
};

/* Reads what is available; 0 at the end. What exceeds the limit or the memory is read and
 * dropped. */
static int take(int fd, struct output *output) {
    static char dropped[4096];
    if (output->room - output->used < 4096 && output->room < output->most) {
        char *more = realloc(output->bytes, output->room * 2 + 8192);
        if (more) {
            output->bytes = more;
            output->room = output->room * 2 + 8192;
        }
    }
    int fits = output->used < output->room;
    ssize_t got = fits ? read(fd, output->bytes + output->used, output->room - output->used) : read(fd, dropped, sizeof dropped);
    if (got > 0 && fits) output->used += got;
    return got > 0 || (got < 0 && errno == EINTR);
}

static size_t kept(const struct output *output) { return output->used < output->most ? output->used : output->most; }

static void close_pair(int pair[2]) {
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0) close(pair[i]);
}

/* Where a program runs: from a directory, or with it as its root and as another user. */
struct place {
    int directory, is_root;
    uint32_t user;
};

/* Leaves no way back to what was seen before: no rights, no descriptors but the standard ones
 * (all others are closed when the program is executed), nothing in the environment. */
static int enter(const struct place *place) {
    static const struct rlimit none = { 0, 0 };
    if (place->directory >= 0 && fchdir(place->directory) < 0) return -1;
    if (!place->is_root) return 0;
    if (chroot(".") < 0 || setrlimit(RLIMIT_CORE, &none) < 0 || setsid() < 0 || setgroups(0, NULL) < 0) return -1;
    if (setresgid(place->user, place->user, place->user) < 0 || setresuid(place->user, place->user, place->user) < 0) return -1;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -1;
    return clearenv() < 0 ? -1 : setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
}

static void become(char **words, int in, int out, int err, const struct place *place) {
    dup2(in, 0);
    dup2(out, 1);
    dup2(err, 2);
    restore_signals();
    if (enter(place) < 0) {
        dprintf(2, "%s: cannot be run apart: %s\n", words[0], strerror(errno));
        _exit(126);
    }
    execvp(words[0], words);
    dprintf(2, "%s: %s\n", words[0], strerror(errno));
    _exit(errno == ENOENT ? 127 : 126);
}

/* Like fork(). What has a root of its own sees no other process, and leaves none behind when it
 * ends; nor has it a network. A kernel without such namespaces starts it without them. */
static pid_t start(const struct place *place) {
    static const long apart = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
    if (place->is_root) {
        pid_t child = syscall(SYS_clone, apart | SIGCHLD, NULL, NULL, NULL, NULL);
        if (child >= 0 || errno != EINVAL) return child;
    }
    return fork();
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Waits for a child until `deadline`, if there is one, and kills it then; 0 for one that even
 * that does not end, because it waits for a disk. */
static int reap(pid_t child, int64_t deadline, int *status, int *late) {
    static const struct timespec nap = { 0, 5000000 };
    for (;;) {
        pid_t ended = waitpid(child, status, deadline < 0 ? 0 : WNOHANG);
        if (ended == child) return 1;
        if (ended < 0 && errno != EINTR) return 0;
        if (deadline < 0) continue;
        if (now_ms() >= deadline) {
            if (*late) return 0;
            *late = 1;
            deadline = now_ms() + 1000;
            kill(child, SIGKILL);
        }
        nanosleep(&nap, NULL);
    }
}

/* Often enough for a line that changes. */
static const int64_t waiting_ms = 100;

static void tell_waiting(JSContext *ctx, JSValueConst listener) {
    JSValue answer = JS_Call(ctx, listener, JS_UNDEFINED, 0, NULL);
    /* The program goes on, whatever the listener is about. */
    if (JS_IsException(answer)) answer = JS_GetException(ctx);
    JS_FreeValue(ctx, answer);
}

/* run(argv, stdin, directory, timeoutMs, mostBytes, user, waiting): stdin is written while output
 * is read, so that neither side can block the other. With a user, the directory becomes the
 * root. */
FUNCTION(run) {
    struct data input = { .buffer = JS_UNDEFINED };
    int in[2] = { -1, -1 }, out[2] = { -1, -1 }, err[2] = { -1, -1 }, status = 0;
    struct place place = { .directory = -1 };
    struct output output = { .most = SIZE_MAX }, errors = { .most = SIZE_MAX };
    JSValue result = JS_EXCEPTION;
    char *path = NULL, **words = to_words(ctx, argv[0]);
    if (!words || to_data(ctx, argv[1], &input) < 0) goto done;
    if (!JS_IsUndefined(argv[2])) {
        if (!(path = to_path(ctx, argv[2]))) goto done;
        place.directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (place.directory < 0) {
            result = fail(ctx, "chdir", path);
            goto done;
        }
    }
    int32_t timeout = -1;
    int late = 0;
    if (!JS_IsUndefined(argv[3])) JS_ToInt32(ctx, &timeout, argv[3]);
    int64_t most = 0;
    if (!JS_IsUndefined(argv[4]) && JS_ToInt64(ctx, &most, argv[4]) == 0) output.most = errors.most = most;
    if (place.directory >= 0 && !JS_IsUndefined(argv[5])) {
        place.is_root = 1;
        place.user = to_number(ctx, argv[5]);
    }
    int64_t deadline = timeout < 0 ? -1 : now_ms() + timeout;
    int64_t next = JS_IsUndefined(argv[6]) ? -1 : now_ms() + waiting_ms;
    pid_t child = -1;
    if (pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0) child = start(&place);
    if (child < 0) {
        result = fail(ctx, "run", words[0]);
        goto done;
    }
    if (child == 0) become(words, in[0], out[1], err[1], &place);
    close(in[0]);
    close(out[1]);
    close(err[1]);
    in[0] = out[1] = err[1] = -1;
    fcntl(in[1], F_SETFL, O_NONBLOCK);
    /* Until everything is written and read: a program may close its output and still read. */
    for (size_t written = 0; out[0] >= 0 || err[0] >= 0 || in[1] >= 0;) {
        if (in[1] >= 0 && written == input.length) {
            close(in[1]);
            in[1] = -1;
            continue;
        }
        struct pollfd wait[3] = { { out[0], POLLIN, 0 }, { err[0], POLLIN, 0 }, { in[1], POLLOUT, 0 } };
        int64_t left = deadline < 0 ? -1 : deadline - now_ms();
        if (deadline >= 0 && left <= 0) break;
        if (next >= 0) {
            if (now_ms() >= next) {
                tell_waiting(ctx, argv[6]);
                next = now_ms() + waiting_ms;
            }
            if (left < 0 || left > waiting_ms) left = waiting_ms;
        }
        if (poll(wait, 3, (int)left) < 0) continue;
        if (wait[0].revents && !take(out[0], &output)) { close(out[0]); out[0] = -1; }
        if (wait[1].revents && !take(err[0], &errors)) { close(err[0]); err[0] = -1; }
        if (wait[2].revents) {
            ssize_t put = write(in[1], input.bytes + written, input.length - written);
            if (put > 0) written += put;
            else if (put < 0 && errno != EAGAIN && errno != EINTR) written = input.length;
        }
    }
    if (!reap(child, deadline, &status, &late)) status = SIGKILL;
    result = JS_NewObject(ctx);
    if (late) JS_SetPropertyStr(ctx, result, "timedOut", JS_TRUE);
    if (WIFEXITED(status)) JS_SetPropertyStr(ctx, result, "status", JS_NewInt32(ctx, WEXITSTATUS(status)));
    if (WIFSIGNALED(status)) JS_SetPropertyStr(ctx, result, "signal", JS_NewInt32(ctx, WTERMSIG(status)));
    JS_SetPropertyStr(ctx, result, "stdout", from_text(ctx, output.bytes, kept(&output)));
    JS_SetPropertyStr(ctx, result, "stderr", from_text(ctx, errors.bytes, kept(&errors)));
done:
    close_pair(in);
    close_pair(out);
    close_pair(err);
    if (place.directory >= 0) close(place.directory);
    free(output.bytes);
    free(errors.bytes);
    free(path);
    if (words) free_words(words);
    release_data(ctx, &input);
    return result;
}

/* Executes a program in place of this process, with its environment; returns only if that
 * fails. */
FUNCTION(becomeProgram) {
    char **words = to_words(ctx, argv[0]);
    if (!words) return JS_EXCEPTION;
    restore_signals();
    execv(words[0], words);
    JSValue error = fail(ctx, "exec", words[0]);
    ignore_signals();
    free_words(words);
    return error;
}

/* The child continues where the parent is, with 0; it ends with exit(). */
FUNCTION(fork_) {
    pid_t child = fork();
    return child < 0 ? fail(ctx, "fork", NULL) : JS_NewInt32(ctx, child);
}

FUNCTION(catchInterruptions) {
    catch_interruptions();
    return JS_UNDEFINED;
}

FUNCTION(isInterrupted) { return JS_NewBool(ctx, interruption != 0); }

/* Returns whether a child has ended; a process that is not (or no longer) our child has. */
FUNCTION(waitForChild) {
    int32_t child = 0;
    int status;
    pid_t ended;
    JS_ToInt32(ctx, &child, argv[0]);
    while ((ended = waitpid(child, &status, JS_ToBool(ctx, argv[1]) ? 0 : WNOHANG)) < 0 && errno == EINTR) {}
    return JS_NewBool(ctx, ended != 0);
}

FUNCTION(killProcess) {
    int32_t id = 0;
    JS_ToInt32(ctx, &id, argv[0]);
    /* 0 and negative numbers are process groups, which are never meant here. */
    if (id > 0 && kill(id, SIGKILL) == 0) return JS_UNDEFINED;
    if (id <= 0) errno = ESRCH;
    return fail(ctx, "kill", NULL);
}

/* The C library's reboot() has no parameter for the argument of a restart. */
FUNCTION(reboot_) {
    static const struct { const char *how; unsigned command; } commands[] = {
        { "poweroff", LINUX_REBOOT_CMD_POWER_OFF },
        { "reboot", LINUX_REBOOT_CMD_RESTART },
        { "halt", LINUX_REBOOT_CMD_HALT },
        { "kexec", LINUX_REBOOT_CMD_KEXEC },
    };
    char *how = to_path(ctx, argv[0]), *argument = how ? to_path(ctx, argv[1]) : NULL;
    if (!argument) {
        free(how);
        return JS_EXCEPTION;
    }
    unsigned command = 0;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (!strcmp(commands[i].how, how)) command = commands[i].command;
    if (command == LINUX_REBOOT_CMD_RESTART && *argument) command = LINUX_REBOOT_CMD_RESTART2;
    errno = EINVAL;
    if (command) syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, command, argument);
    JSValue error = fail(ctx, "reboot", NULL);
    free(how);
    free(argument);
    return error;
}

FUNCTION(setEnvironment) {
    char *name = to_path(ctx, argv[0]), *value = name ? to_path(ctx, argv[1]) : NULL;
    if (value) setenv(name, value, 1);
    free(name);
    free(value);
    return JS_UNDEFINED;
}

FUNCTION(uname_) {
    struct utsname names;
    if (uname(&names) < 0) return fail(ctx, "uname", NULL);
    JSValue object = JS_NewObject(ctx);
    JS_SetPropertyStr(ctx, object, "release", JS_NewString(ctx, names.release));
    JS_SetPropertyStr(ctx, object, "machine", JS_NewString(ctx, names.machine));
    return object;
}

FUNCTION(bootTime) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return JS_NewFloat64(ctx, now.tv_sec * 1000.0 + now.tv_nsec / 1000000);
}

FUNCTION(processId) { return JS_NewInt32(ctx, getpid()); }
FUNCTION(userId) { return JS_NewInt32(ctx, geteuid()); }

const JSCFunctionListEntry process_functions[] = {
    JS_CFUNC_DEF("run", 7, run),
    JS_CFUNC_DEF("becomeProgram", 1, becomeProgram),
    JS_CFUNC_DEF("catchInterruptions", 0, catchInterruptions),
    JS_CFUNC_DEF("isInterrupted", 0, isInterrupted),
    JS_CFUNC_DEF("fork", 0, fork_),
    JS_CFUNC_DEF("waitForChild", 2, waitForChild),
    JS_CFUNC_DEF("killProcess", 1, killProcess),
    JS_CFUNC_DEF("reboot", 2, reboot_),
    JS_CFUNC_DEF("setEnvironment", 2, setEnvironment),
    JS_CFUNC_DEF("uname", 0, uname_),
    JS_CFUNC_DEF("bootTime", 0, bootTime),
    JS_CFUNC_DEF("processId", 0, processId),
    JS_CFUNC_DEF("userId", 0, userId),
};
const int process_function_count = sizeof process_functions / sizeof *process_functions;
