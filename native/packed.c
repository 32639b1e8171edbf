/* Data compressed with zstd, as one frame with its content size. */
#include <errno.h>
#include <stdlib.h>

#include "host.h"
#include "zstd.h"

uint8_t *read_packed(const char *path, size_t *length) {
    size_t packed;
    uint8_t *file = read_whole(path, &packed), *content = NULL;
    if (!file) return NULL;
    unsigned long long size = ZSTD_getFrameContentSize(file, packed);
    errno = EBADMSG;
    /* Both values for an unknown size are larger than any file that is read whole. */
    if (size <= (256u << 20) && (content = malloc(size + 1))) {
        *length = ZSTD_decompress(content, size, file, packed);
        if (ZSTD_isError(*length)) {
            free(content);
            content = NULL;
            errno = EBADMSG;
        }
    }
    int kept = errno;
    free(file);
    errno = kept;
    return content;
}

static void free_content(UNUSED JSRuntime *runtime, UNUSED void *opaque, void *bytes) { free(bytes); }

FUNCTION(readPacked) {
    size_t length;
    char *path = to_path(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    uint8_t *content = read_packed(path, &length);
    JSValue result = content ? JS_NewArrayBuffer(ctx, content, length, free_content, NULL, 0) : fail(ctx, "unpack", path);
    free(path);
    return result;
}

const JSCFunctionListEntry packed_functions[] = {
    JS_CFUNC_DEF("readPacked", 1, readPacked),
};
const int packed_function_count = sizeof packed_functions / sizeof *packed_functions;
