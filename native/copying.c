/* Copying the data of files: what is a hole stays one. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"

/* Copies a range; less if the file has become shorter. */
static int copy_range(int from, int to, off_t offset, off_t end) {
    static uint8_t part[1 << 17];
    while (offset < end) {
        size_t wanted = end - offset < (off_t)sizeof part ? (size_t)(end - offset) : sizeof part;
        ssize_t got = read_at(from, part, wanted, offset);
        if (got <= 0) return (int)got;
        if (write_at(to, part, got, offset) < 0) return -1;
        offset += got;
    }
    return 0;
}

/* Finds the data at or after `*start`; 0 if there is no more, -1 with errno set. Where a file
 * system does not tell its holes, all of a file is data. */
static int find_data(int file, off_t size, off_t *start, off_t *end) {
    if (*start >= size) return 0;
    off_t found = lseek(file, *start, SEEK_DATA);
    if (found < 0 && errno != EINVAL) return errno == ENXIO ? 0 : -1;
    if (found >= 0) *start = found;
    *end = lseek(file, *start, SEEK_HOLE);
    if (*end <= *start) *end = size;
    return 1;
}

static int copy_data(int from, int to) {
    struct stat status;
    if (fstat(from, &status) < 0 || ftruncate(to, status.st_size) < 0) return -1;
    int found;
    off_t end;
    for (off_t at = 0; (found = find_data(from, status.st_size, &at, &end)) > 0; at = end)
        if (copy_range(from, to, at, end) < 0) return -1;
    return found;
}

FUNCTION(copyData) {
    char *path = to_path(ctx, argv[1]);
    if (!path) return JS_EXCEPTION;
    int to = open_at_once(path, O_WRONLY);
    int failed = to < 0 || copy_data((int)to_number(ctx, argv[0]), to) < 0;
    JSValue result = failed ? fail(ctx, "copy", path) : JS_UNDEFINED;
    if (to >= 0) close(to);
    free(path);
    return result;
}

/* Where a file has data, as numbers: an offset and a length, and so on. */
FUNCTION(dataRanges) {
    int file = (int)to_number(ctx, argv[0]);
    struct stat status;
    if (fstat(file, &status) < 0) return fail(ctx, "look at", NULL);
    JSValue list = JS_NewArray(ctx);
    uint32_t count = 0;
    int found;
    off_t end;
    for (off_t at = 0; (found = find_data(file, status.st_size, &at, &end)) > 0; at = end) {
        JS_SetPropertyUint32(ctx, list, count++, JS_NewInt64(ctx, at));
        JS_SetPropertyUint32(ctx, list, count++, JS_NewInt64(ctx, end - at));
    }
    if (found == 0) return list;
    JS_FreeValue(ctx, list);
    return fail(ctx, "lseek", NULL);
}

const JSCFunctionListEntry copying_functions[] = {
    JS_CFUNC_DEF("dataRanges", 1, dataRanges),
    JS_CFUNC_DEF("copyData", 2, copyData),
};
const int copying_function_count = sizeof copying_functions / sizeof *copying_functions;
