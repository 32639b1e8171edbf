/* compile MODULE.js… : compiles our modules to bytecode with the very engine that will run them, and prints a C file
 * with `embedded_modules`. Modules come in an order in which each import was named before; "host" is an empty stand-in.
 * -t FILE puts a text in, under its base name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static void print_bytes(int index, const char *kind, const uint8_t *bytes, size_t length) {
    printf("static const uint8_t %s_%d[] = {", kind, index);
    for (size_t i = 0; i < length; i++) printf("%s%u,", i % 32 ? "" : "\n", bytes[i]);
    printf("\n};\n");
}

static int no_exports(JSContext *ctx, JSModuleDef *module) {
    (void)ctx;
    (void)module;
    return 0;
}

/* Only a name is needed here: exports are linked when the program runs. */
static JSModuleDef *load_stand_in(JSContext *ctx, const char *name, void *unused) {
    (void)unused;
    if (!strcmp(name, "host")) return JS_NewCModule(ctx, name, no_exports);
    JS_ThrowReferenceError(ctx, "\"%s\" is imported before it was compiled", name);
    return NULL;
}

int main(int argc, char **argv) {
    int count = 0, texts = 0, option;
    size_t length, text_lengths[16];
    const char *text_names[16];
    JSRuntime *runtime = JS_NewRuntime();
    JSContext *ctx = JS_NewContext(runtime);

    JS_SetStripInfo(runtime, JS_STRIP_SOURCE);
    JS_SetModuleLoaderFunc(runtime, NULL, load_stand_in, NULL);
    printf("#include <stdint.h>\n#include \"host.h\"\n");
    while ((option = getopt(argc, argv, "t:")) == 't' && texts < 16) {
        char *text = read_text(optarg, &text_lengths[texts]);
        print_bytes(texts, "text", (uint8_t *)text, text_lengths[texts]);
        text_names[texts++] = base_name(optarg);
    }
    size_t *lengths = calloc(argc, sizeof *lengths);
    for (int i = optind; i < argc; i++) {
        char *source = read_text(argv[i], &length);
        JSValue module = JS_Eval(ctx, source, length, base_name(argv[i]), JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
        if (JS_IsException(module)) {
            JSValue error = JS_GetException(ctx);
            fprintf(stderr, "%s: %s\n", argv[i], JS_ToCString(ctx, error));
            return 1;
        }
        uint8_t *bytes = JS_WriteObject(ctx, &lengths[count], module, JS_WRITE_OBJ_BYTECODE);
        print_bytes(count, "module", bytes, lengths[count]);
        count++;
    }
    printf("const struct embedded embedded_modules[] = {\n");
    for (int i = 0; i < count; i++) printf("    { \"%s\", module_%d, %zu },\n", base_name(argv[optind + i]), i, lengths[i]);
    printf("    { 0 },\n};\nconst struct embedded embedded_texts[] = {\n");
    for (int i = 0; i < texts; i++) printf("    { \"%s\", text_%d, %zu },\n", text_names[i], i, text_lengths[i]);
    printf("    { 0 },\n};\n");
    return 0;
}
