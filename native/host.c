/* The host of our bytecode: starts the engine, provides the module "host" (one function per
 * system call that JavaScript cannot reach), loads our modules from the executable, and runs
 * "main.js". It decides nothing. */
#include <alloca.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "host.h"
#include "zstd.h"

extern char **environ;
static int process_argc;
static char **process_argv;

FUNCTION(commandLine) {
    JSValue list = JS_NewArray(ctx);
    for (int i = 0; i < process_argc; i++) JS_SetPropertyUint32(ctx, list, i, from_path(ctx, process_argv[i]));
    return list;
}

FUNCTION(hasStarted) {
    has_started();
    return JS_UNDEFINED;
}

FUNCTION(environment) {
    JSValue object = JS_NewObject(ctx);
    for (char **entry = environ; *entry; entry++) {
        char *equals = strchr(*entry, '=');
        if (!equals) continue;
        char *name = strndup(*entry, equals - *entry);
        if (!name) continue;
        JS_SetPropertyStr(ctx, object, name, from_path(ctx, equals + 1));
        free(name);
    }
    return object;
}

/* Finds embedded data by its name, unpacks it if it is packed, and calls `use` with its bytes. */
static JSValue with_embedded(JSContext *ctx, const char *name, JSValue (*use)(JSContext *, const uint8_t *, size_t)) {
    for (const struct embedded *e = embedded; e->name; e++) {
        if (strcmp(e->name, name)) continue;
        if (!e->unpacked) return use(ctx, e->bytes, e->length);
        uint8_t *bytes = malloc(e->unpacked);
        if (!bytes || ZSTD_decompress(bytes, e->unpacked, e->bytes, e->length) != e->unpacked) {
            free(bytes);
            out_of_memory();
            return JS_ThrowOutOfMemory(ctx);
        }
        JSValue result = use(ctx, bytes, e->unpacked);
        free(bytes);
        return result;
    }
    return JS_UNDEFINED;
}

static JSValue to_text(JSContext *ctx, const uint8_t *bytes, size_t length) {
    return JS_NewStringLen(ctx, (const char *)bytes, length);
}

FUNCTION(text) {
    const char *name = JS_ToCString(ctx, argv[0]);
    if (!name) return JS_EXCEPTION;
    JSValue found = with_embedded(ctx, name, to_text);
    JS_FreeCString(ctx, name);
    return found;
}

/* Exits without freeing the runtime: after an exception that would fail an assertion, which as
 * PID 1 is a kernel panic. */
FUNCTION(exit_process) {
    int32_t status = 1;
    JS_ToInt32(ctx, &status, argv[0]);
    _exit(status);
}

static const JSCFunctionListEntry host_functions[] = {
    JS_CFUNC_DEF("commandLine", 0, commandLine),
    JS_CFUNC_DEF("hasStarted", 0, hasStarted),
    JS_CFUNC_DEF("environment", 0, environment),
    JS_CFUNC_DEF("text", 1, text),
    JS_CFUNC_DEF("exit", 1, exit_process),
};
static const int host_function_count = sizeof host_functions / sizeof *host_functions;

static const struct { const JSCFunctionListEntry *functions; const int *count; } groups[] = {
    { host_functions, &host_function_count },
    { content_functions, &content_function_count },
    { reading_functions, &reading_function_count },
    { copying_functions, &copying_function_count },
    { direct_functions, &direct_function_count },
    { digest_functions, &digest_function_count },
    { packed_functions, &packed_function_count },
    { file_functions, &file_function_count },
    { entry_functions, &entry_function_count },
    { allocation_functions, &allocation_function_count },
    { descriptor_functions, &descriptor_function_count },
    { mount_functions, &mount_function_count },
    { device_functions, &device_function_count },
    { loop_functions, &loop_function_count },
    { lock_functions, &lock_function_count },
    { process_functions, &process_function_count },
    { inside_functions, &inside_function_count },
};
static const size_t group_count = sizeof groups / sizeof *groups;

static int initialise_host(JSContext *ctx, JSModuleDef *module) {
    for (size_t i = 0; i < group_count; i++) JS_SetModuleExportList(ctx, module, groups[i].functions, *groups[i].count);
    return 0;
}

static void add_host(JSContext *ctx) {
    JSModuleDef *module = JS_NewCModule(ctx, "host", initialise_host);
    for (size_t i = 0; i < group_count; i++) JS_AddModuleExportList(ctx, module, groups[i].functions, *groups[i].count);
}

static JSValue to_module(JSContext *ctx, const uint8_t *bytes, size_t length) {
    return JS_ReadObject(ctx, bytes, length, JS_READ_OBJ_BYTECODE);
}

static JSModuleDef *load_module(JSContext *ctx, const char *name, void *unused) {
    (void)unused;
    JSValue module = with_embedded(ctx, name, to_module);
    if (JS_IsException(module)) return NULL;
    if (JS_IsUndefined(module)) {
        JS_ThrowReferenceError(ctx, "no module \"%s\" in this executable", name);
        return NULL;
    }
    JSModuleDef *definition = JS_VALUE_GET_PTR(module);
    JS_FreeValue(ctx, module);
    return definition;
}

/* main.ts reports every error itself, where memory is left for it; another one that comes here is
 * a fault of the build, and is reported as simply as possible. */
static int die(JSContext *ctx, JSValue error) {
    if (was_out_of_memory) {
        dprintf(2, "backstore: Cannot continue: not enough memory\n");
        _exit(1);
    }
    const char *message = JS_ToCString(ctx, error);
    JSValue stack = JS_GetPropertyStr(ctx, error, "stack");
    const char *trace = JS_IsString(stack) ? JS_ToCString(ctx, stack) : NULL;
    dprintf(2, "backstore: cannot start: %s\n%s", message ? message : "?", trace ? trace : "");
    _exit(1);
}

/* The kernel runs modprobe for several modules before it starts /init. Without /proc nothing can
 * be answered, and starting the engine to find that out would cost an emulated boot 60 ms each
 * time. */
static int is_too_early(const char *program) {
    const char *slash = strrchr(program, '/');
    return !strcmp(slash ? slash + 1 : program, "modprobe") && access("/proc/self", F_OK) < 0;
}

/* Makes the stack's range as long as commands need it, or returns 0: growing later where memory is
 * too little would be a signal. Pages between that are not touched take none. */
static int grow_stack(void) {
    enum { BYTES = 256 * 1024 };
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur < 2 * BYTES) return 1;
    void *range = mmap(NULL, BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (range == MAP_FAILED) return 0;
    munmap(range, BYTES);
    volatile char *end = alloca(BYTES);
    end[0] = 0;
    return 1;
}

int main(int argc, char **argv) {
    if (argc > 0 && is_too_early(argv[0])) _exit(1);
    process_argc = argc;
    process_argv = argv;
    /* As PID 1 of a kernel without a usable console the standard streams are closed; no other
     * file may get their numbers. What a command writes to an output that was closed is lost, and
     * that has to fail. */
    while (1) {
        int is_output = fcntl(0, F_GETFD) >= 0 && fcntl(1, F_GETFD) < 0 && getpid() != 1;
        int fd = open("/dev/null", is_output ? O_RDONLY : O_RDWR);
        if (fd < 0) break;
        if (fd > 2) { close(fd); break; }
    }
    ignore_signals();
    if (!grow_stack()) out_of_memory();
    JSRuntime *runtime = JS_NewRuntime2(&engine_memory, NULL);
    JSContext *ctx = runtime ? JS_NewContext(runtime) : NULL;
    if (!ctx) out_of_memory();
    JS_SetMaxStackSize(runtime, 1024 * 1024);
    JS_SetModuleLoaderFunc(runtime, NULL, load_module, NULL);
    add_host(ctx);

    JSModuleDef *entry = load_module(ctx, "main.js", NULL);
    if (!entry) return die(ctx, JS_GetException(ctx));
    JSValue module = JS_MKPTR(JS_TAG_MODULE, entry);
    if (JS_ResolveModule(ctx, module) < 0) return die(ctx, JS_GetException(ctx));
    JSValue promise = JS_EvalFunction(ctx, JS_DupValue(ctx, module));
    if (JS_IsException(promise)) return die(ctx, JS_GetException(ctx));
    JSContext *job;
    int state;
    while ((state = JS_ExecutePendingJob(runtime, &job)) > 0) {}
    if (state < 0) return die(job, JS_GetException(job));
    /* Nothing is left that could settle a pending promise; main.ts ends the process itself. */
    if (JS_PromiseState(ctx, promise) != JS_PROMISE_FULFILLED) return die(ctx, JS_PromiseResult(ctx, promise));
    _exit(0);
}
