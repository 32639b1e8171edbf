/* What the files of native/ share: how a failed system call becomes an exception, and how paths cross over. */
#ifndef HOST_H
#define HOST_H

#include <stdint.h>
#include <sys/types.h>

#include "quickjs.h"

/* One module of our bytecode ("main.js"), or one text that goes with it; made by scripts/embed.mjs. What is packed by
 * zstd has the length that it is unpacked to, all else 0. */
struct embedded {
    const char *name;
    const uint8_t *bytes;
    size_t length;
    size_t unpacked;
};
extern const struct embedded embedded[];

/* How the engine gets its memory. */
extern const JSMallocFunctions engine_memory;

/* Throws an Error with `code`, `reason`, `syscall`, `path` (if given) from errno. */
JSValue fail(JSContext *ctx, const char *syscall, const char *path);

/* A JavaScript string as the bytes the kernel takes, to be freed; NULL after an exception. Names that are not UTF-8
 * cross over as lone surrogates (U+DC80..U+DCFF for the bytes 80..FF) and come back as the same bytes. */
char *to_path(JSContext *ctx, JSValueConst value);
JSValue from_bytes(JSContext *ctx, const char *bytes, size_t length);
JSValue from_path(JSContext *ctx, const char *path);

/* Text for people: what is not UTF-8 becomes U+FFFD, by the rules of core/text.ts. (The engine's own conversion swallows
 * the character after a stray byte.) */
JSValue from_text(JSContext *ctx, const char *bytes, size_t length);

/* A list of strings as the kernel takes it, to be freed with free_words; NULL after an exception, also when it is empty. */
char **to_words(JSContext *ctx, JSValueConst list);
void free_words(char **words);

/* What a program that this one becomes or starts must find as it was: the host itself ignores SIGPIPE. */
void restore_signals(void);

/* A number that a system call takes; what is none is 0. */
uint32_t to_number(JSContext *ctx, JSValueConst value);

/* The bytes of a string (UTF-8) or of a Uint8Array; `owner` is freed with release_data. -1 after an exception. */
struct data {
    const uint8_t *bytes;
    size_t length;
    const char *text;
    JSValue buffer;
};
int to_data(JSContext *ctx, JSValueConst value, struct data *data);
void release_data(JSContext *ctx, struct data *data);

/* Opens (with O_CLOEXEC) without waiting for the other end of a fifo or a carrier: a stick may hold anything. -1 with
 * errno set. */
int open_at_once(const char *path, int flags, mode_t mode);

/* Reads a whole regular file, of known size or not, into memory to be freed; NULL with errno set. */
uint8_t *read_whole(const char *path, size_t *length);

/* The same of what zstd compressed: one frame that says how long its content is, else EBADMSG. */
uint8_t *read_packed(const char *path, size_t *length);

#define UNUSED __attribute__((unused))
#define FUNCTION(name) \
    static JSValue name(UNUSED JSContext *ctx, UNUSED JSValueConst self, UNUSED int argc, UNUSED JSValueConst *argv)

extern const JSCFunctionListEntry content_functions[];
extern const int content_function_count;
extern const JSCFunctionListEntry packed_functions[];
extern const int packed_function_count;
extern const JSCFunctionListEntry file_functions[];
extern const int file_function_count;
extern const JSCFunctionListEntry allocation_functions[];
extern const int allocation_function_count;
extern const JSCFunctionListEntry mount_functions[];
extern const int mount_function_count;
extern const JSCFunctionListEntry device_functions[];
extern const int device_function_count;
extern const JSCFunctionListEntry loop_functions[];
extern const int loop_function_count;
extern const JSCFunctionListEntry lock_functions[];
extern const int lock_function_count;
extern const JSCFunctionListEntry process_functions[];
extern const int process_function_count;

#endif
