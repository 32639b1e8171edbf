/* Child processes, the clock, and what the kernel says of itself. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host.h"

struct output {
    char *bytes;
    size_t used, room;
};

/* Takes what is there to read; 0 at the end. */
static int take(int fd, struct output *output) {
    if (output->room - output->used < 4096) output->bytes = realloc(output->bytes, output->room = output->room * 2 + 8192);
    ssize_t got = read(fd, output->bytes + output->used, output->room - output->used);
    if (got > 0) output->used += got;
    return got > 0 || (got < 0 && errno == EINTR);
}

static void close_pair(int pair[2]) {
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0) close(pair[i]);
}

static char **to_words(JSContext *ctx, JSValueConst list) {
    uint32_t count = 0;
    JSValue length = JS_GetPropertyStr(ctx, list, "length");
    JS_ToUint32(ctx, &count, length);
    char **words = calloc(count + 1, sizeof *words);
    for (uint32_t i = 0; i < count; i++) {
        JSValue word = JS_GetPropertyUint32(ctx, list, i);
        words[i] = to_path(ctx, word);
        JS_FreeValue(ctx, word);
        if (!words[i]) words[i] = strdup("");
    }
    return words;
}

static void free_words(char **words) {
    for (char **word = words; *word; word++) free(*word);
    free(words);
}

/* run(argv, stdin, directory): stdin is written while output is read, so that neither side can block the other. */
FUNCTION(run) {
    struct data input;
    int in[2] = { -1, -1 }, out[2] = { -1, -1 }, err[2] = { -1, -1 }, status = 0;
    struct output output = { 0 }, errors = { 0 };
    char *directory = NULL;
    if (to_data(ctx, argv[1], &input) < 0) return JS_EXCEPTION;
    if (JS_IsString(argv[2])) directory = to_path(ctx, argv[2]);
    char **words = to_words(ctx, argv[0]);
    if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0) goto failed;
    pid_t child = fork();
    if (child < 0) goto failed;
    if (child == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        dup2(err[1], 2);
        signal(SIGPIPE, SIG_DFL);
        if (!directory || chdir(directory) == 0) execvp(words[0], words);
        dprintf(2, "%s: %s\n", words[0], strerror(errno));
        _exit(errno == ENOENT ? 127 : 126);
    }
    close(in[0]);
    close(out[1]);
    close(err[1]);
    in[0] = out[1] = err[1] = -1;
    signal(SIGPIPE, SIG_IGN);
    fcntl(in[1], F_SETFL, O_NONBLOCK);
    for (size_t written = 0; out[0] >= 0 || err[0] >= 0;) {
        if (in[1] >= 0 && written == input.length) {
            close(in[1]);
            in[1] = -1;
        }
        struct pollfd wait[3] = { { out[0], POLLIN, 0 }, { err[0], POLLIN, 0 }, { in[1], POLLOUT, 0 } };
        if (poll(wait, 3, -1) < 0) continue;
        if (wait[0].revents && !take(out[0], &output)) { close(out[0]); out[0] = -1; }
        if (wait[1].revents && !take(err[0], &errors)) { close(err[0]); err[0] = -1; }
        if (wait[2].revents) {
            ssize_t put = write(in[1], input.bytes + written, input.length - written);
            if (put > 0) written += put;
            else if (put < 0 && errno != EAGAIN && errno != EINTR) written = input.length;
        }
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    close_pair(in);
    JSValue result = JS_NewObject(ctx);
    if (WIFEXITED(status)) JS_SetPropertyStr(ctx, result, "status", JS_NewInt32(ctx, WEXITSTATUS(status)));
    if (WIFSIGNALED(status)) JS_SetPropertyStr(ctx, result, "signal", JS_NewInt32(ctx, WTERMSIG(status)));
    JS_SetPropertyStr(ctx, result, "stdout", JS_NewStringLen(ctx, output.bytes, output.used));
    JS_SetPropertyStr(ctx, result, "stderr", JS_NewStringLen(ctx, errors.bytes, errors.used));
    goto done;
failed:
    result = fail(ctx, "run", words[0]);
    close_pair(in);
    close_pair(out);
    close_pair(err);
done:
    free(output.bytes);
    free(errors.bytes);
    free(directory);
    free_words(words);
    release_data(ctx, &input);
    return result;
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

FUNCTION(reboot_) {
    const char *how = JS_ToCString(ctx, argv[0]);
    if (!how) return JS_EXCEPTION;
    sync();
    reboot(!strcmp(how, "reboot") ? RB_AUTOBOOT : RB_POWER_OFF);
    JS_FreeCString(ctx, how);
    return fail(ctx, "reboot", NULL);
}

const JSCFunctionListEntry process_functions[] = {
    JS_CFUNC_DEF("run", 3, run),
    JS_CFUNC_DEF("setEnvironment", 2, setEnvironment),
    JS_CFUNC_DEF("uname", 0, uname_),
    JS_CFUNC_DEF("bootTime", 0, bootTime),
    JS_CFUNC_DEF("processId", 0, processId),
    JS_CFUNC_DEF("userId", 0, userId),
    JS_CFUNC_DEF("reboot", 1, reboot_),
};
const int process_function_count = sizeof process_functions / sizeof *process_functions;
