/* Programs that are run inside another root: in namespaces of their own, on this process's own
 * standard streams, and watched until nothing of them is left. */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host.h"

extern char **environ;

/* What ends a program; a terminal sends the first two to all processes that it shows. */
static const int endings[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
enum { ENDINGS = sizeof endings / sizeof *endings };

/* They are blocked from before a child is started, so that none is lost, and are not ignored
 * where this process is the first of its namespace, to which the kernel passes no others. */
static void block_endings(sigset_t *waited, sigset_t *before) {
    sigemptyset(waited);
    sigaddset(waited, SIGCHLD);
    for (int i = 0; i < ENDINGS; i++) sigaddset(waited, endings[i]);
    sigprocmask(SIG_BLOCK, waited, before);
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Waits until `child` has ended, passes signals that are sent to this process alone on to it,
 * and takes note of every other child. With a limit, what has not ended that long after the first
 * signal, or at the second, is killed. Returns the first signal that was passed on, or 0. */
static int attend(pid_t child, int64_t limit, const sigset_t *waited, int *status) {
    int passed = 0;
    int64_t deadline = -1;
    for (;;) {
        int ended;
        pid_t one = waitpid(-1, &ended, WNOHANG);
        if (one == child) {
            *status = ended;
            return passed;
        }
        if (one > 0) continue;
        if (one < 0 && errno == ECHILD) {
            *status = SIGKILL;
            return passed;
        }
        siginfo_t told;
        int64_t left = deadline < 0 ? 3600000 : deadline - now_ms();
        if (left < 0) left = 0;
        struct timespec wait = { left / 1000, left % 1000 * 1000000 };
        int number = sigtimedwait(waited, &told, &wait);
        if (number < 0 && errno == EAGAIN && deadline >= 0) {
            kill(child, SIGKILL);
            deadline = -1;
        }
        if (number < 0 || number == SIGCHLD || told.si_code > 0) continue;
        kill(child, passed && limit >= 0 ? SIGKILL : number);
        if (!passed && limit >= 0) deadline = now_ms() + limit;
        if (!passed) passed = number;
    }
}

static JSValue to_ended(JSContext *ctx, int status, int passed) {
    JSValue ended = JS_NewObject(ctx);
    int signal = WIFSIGNALED(status) ? passed && WTERMSIG(status) == SIGKILL ? passed : WTERMSIG(status) : 0;
    if (signal) JS_SetPropertyStr(ctx, ended, "signal", JS_NewInt32(ctx, signal));
    else JS_SetPropertyStr(ctx, ended, "status", JS_NewInt32(ctx, WEXITSTATUS(status)));
    return ended;
}

/* Killed with the parent, even if that has ended already: then nobody writes to the pipe. */
static void die_with_parent(int alive) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct pollfd gone = { alive, POLLIN, 0 };
    if (poll(&gone, 1, 0) != 0) _exit(1);
    close(alive);
}

/* runFirst(work, limitMs): like fork(), but the child is the first process of a namespace in
 * which all end with it, and has mounts of its own. `work` returns its exit status. */
FUNCTION(runFirst) {
    sigset_t waited, before;
    int alive[2], status = 0;
    int64_t limit = 0;
    if (JS_ToInt64(ctx, &limit, argv[1]) < 0) return JS_EXCEPTION;
    if (pipe(alive) < 0) return fail(ctx, "pipe", NULL);
    block_endings(&waited, &before);
    pid_t child = syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, NULL, NULL, NULL, NULL);
    if (child == 0) {
        close(alive[1]);
        die_with_parent(alive[0]);
        JSValue answer = JS_Call(ctx, argv[0], JS_UNDEFINED, 0, NULL);
        int32_t number = 1;
        JS_ToInt32(ctx, &number, answer);
        _exit(number);
    }
    int error = errno, passed = child < 0 ? 0 : attend(child, limit, &waited, &status);
    close(alive[0]);
    close(alive[1]);
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return child < 0 ? fail(ctx, "clone", NULL) : to_ended(ctx, status, passed);
}

/* runHere(argv, environment, directory): runs a program on the standard streams of this process. */
FUNCTION(runHere) {
    sigset_t waited, before;
    int status = 0;
    char **words = to_words(ctx, argv[0]), **variables = words ? to_words(ctx, argv[1]) : NULL;
    char *directory = variables ? to_path(ctx, argv[2]) : NULL;
    JSValue result = JS_EXCEPTION;
    if (directory) {
        block_endings(&waited, &before);
        pid_t child = fork();
        if (child == 0) {
            static const sigset_t none;
            for (int i = 0; i < ENDINGS; i++) signal(endings[i], SIG_DFL);
            restore_signals();
            sigprocmask(SIG_SETMASK, &none, NULL);
            environ = variables;
            if (chdir(directory) == 0) execvp(words[0], words);
            dprintf(2, "backstore: %s: %s\n", words[0], strerror(errno));
            _exit(errno == ENOENT ? 127 : 126);
        }
        int passed = child < 0 ? 0 : attend(child, -1, &waited, &status);
        sigprocmask(SIG_SETMASK, &before, NULL);
        result = child < 0 ? fail(ctx, "fork", words[0]) : to_ended(ctx, status, passed);
    }
    if (words) free_words(words);
    if (variables) free_words(variables);
    free(directory);
    return result;
}

FUNCTION(enterRoot) {
    char *root = to_path(ctx, argv[0]);
    if (!root) return JS_EXCEPTION;
    JSValue result = chdir(root) < 0 || chroot(".") < 0 ? fail(ctx, "chroot", root) : JS_UNDEFINED;
    free(root);
    return result;
}

const JSCFunctionListEntry inside_functions[] = {
    JS_CFUNC_DEF("runFirst", 2, runFirst),
    JS_CFUNC_DEF("runHere", 3, runHere),
    JS_CFUNC_DEF("enterRoot", 1, enterRoot),
};
const int inside_function_count = sizeof inside_functions / sizeof *inside_functions;
