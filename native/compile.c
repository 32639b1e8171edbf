/* compile MODULE.js…: compiles our modules to bytecode with the very engine that will run them,
 * each into a file beside it whose name ends in ".bytecode". A module must come after the modules
 * that it imports; "host" is an empty stand-in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quickjs.h"

static char *read_text(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(1);
    }
    fseek(file, 0, SEEK_END);
    *length = ftell(file);
    rewind(file);
    char *text = malloc(*length + 1);
    if (fread(text, 1, *length, file) != *length) exit(1);
    text[*length] = 0;
    fclose(file);
    return text;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void write_beside(const char *path, const uint8_t *bytes, size_t length) {
    char *name = malloc(strlen(path) + sizeof ".bytecode");
    sprintf(name, "%s.bytecode", path);
    FILE *file = fopen(name, "wb");
    if (!file || fwrite(bytes, 1, length, file) != length || fclose(file) != 0) {
        perror(name);
        exit(1);
    }
    free(name);
}

static int no_exports(JSContext *ctx, JSModuleDef *module) {
    (void)ctx;
    (void)module;
    return 0;
}

/* Only the name is needed here: exports are linked when the program runs. */
static JSModuleDef *load_stand_in(JSContext *ctx, const char *name, void *unused) {
    (void)unused;
    if (!strcmp(name, "host")) return JS_NewCModule(ctx, name, no_exports);
    JS_ThrowReferenceError(ctx, "\"%s\" is imported before it was compiled", name);
    return NULL;
}

int main(int argc, char **argv) {
    JSRuntime *runtime = JS_NewRuntime();
    JSContext *ctx = JS_NewContext(runtime);

    JS_SetStripInfo(runtime, JS_STRIP_SOURCE);
    JS_SetModuleLoaderFunc(runtime, NULL, load_stand_in, NULL);
    for (int i = 1; i < argc; i++) {
        size_t length;
        char *source = read_text(argv[i], &length);
        JSValue module = JS_Eval(ctx, source, length, base_name(argv[i]), JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
        if (JS_IsException(module)) {
            JSValue error = JS_GetException(ctx);
            fprintf(stderr, "%s: %s\n", argv[i], JS_ToCString(ctx, error));
            return 1;
        }
        uint8_t *bytes = JS_WriteObject(ctx, &length, module, JS_WRITE_OBJ_BYTECODE);
        write_beside(argv[i], bytes, length);
    }
    return 0;
}
