/* Shared by the files of native/: how a failed system call becomes an exception, and how paths
 * are converted. */
#ifndef HOST_H
#define HOST_H

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

#include "quickjs.h"

/* One module of our bytecode ("main.js"), or one text that goes with it; made by
 * scripts/embed.mjs. `unpacked` is the unpacked length of data packed with zstd, otherwise 0. */
struct embedded {
    const char *name;
    const uint8_t *bytes;
    size_t length;
    size_t unpacked;
};
extern const struct embedded embedded[];

/* The memory allocator of the engine. */
extern const JSMallocFunctions engine_memory;

/* Ends the process in words while it starts, later returns NULL, on which the engine throws. What
 * the engine and the libraries make at the start is not whole when a piece is missing, and freeing
 * that would be a signal (functions that are bound). Nothing is begun by then that would have to be
 * ended. */
void *out_of_memory(void);
extern int was_out_of_memory;
void has_started(void);

/* Throws an Error with `code`, `reason`, `syscall`, `path` (if given) from errno. */
JSValue fail(JSContext *ctx, const char *syscall, const char *path);

/* Converts a JavaScript string to the bytes for the kernel, to be freed; NULL after an
 * exception. Names that are not UTF-8 become lone surrogates (U+DC80..U+DCFF for the bytes 80..FF),
 * and the same bytes again. */
char *to_path(JSContext *ctx, JSValueConst value);

/* Like to_path, in `room` if it fits there, to be freed with free_path: for what is called a
 * million times. */
char *to_path_in(JSContext *ctx, JSValueConst value, char *room, size_t size);
void free_path(char *path, const char *room);
JSValue from_bytes(JSContext *ctx, const char *bytes, size_t length);
JSValue from_path(JSContext *ctx, const char *path);

/* Converts text for display: what is not UTF-8 becomes U+FFFD, by the rules of core/text. (The
 * engine's own conversion swallows the character after a stray byte.) */
JSValue from_text(JSContext *ctx, const char *bytes, size_t length);

/* Converts a list of strings to an argument vector, to be freed with free_words; NULL after an
 * exception, also if it is empty. */
char **to_words(JSContext *ctx, JSValueConst list);
void free_words(char **words);

/* Makes what would end the process half-way fail instead: writing to a pipe that its reader has
 * closed, or beyond the size that a file of this user may have. */
void ignore_signals(void);

/* Restores what ignore_signals() changed, before another program is executed. */
void restore_signals(void);

/* Notes SIGINT, SIGTERM and SIGHUP in `interruption`; the next one later ends the process. */
void catch_interruptions(void);
extern volatile sig_atomic_t interruption;

/* Returns a number for a system call; 0 if the value is not a number. */
uint32_t to_number(JSContext *ctx, JSValueConst value);

/* The bytes of a string (UTF-8) or of a Uint8Array, to be freed with release_data. to_data
 * returns -1 after an exception. */
struct data {
    const uint8_t *bytes;
    size_t length;
    const char *text;
    JSValue buffer;
};
int to_data(JSContext *ctx, JSValueConst value, struct data *data);
void release_data(JSContext *ctx, struct data *data);

/* Opens (with O_CLOEXEC) without waiting for the other end of a FIFO or for a carrier: a stick
 * may contain anything. -1 with errno set. */
int open_at_once(const char *path, int flags);

/* Closes what was opened, if it was; errno stays what it is. */
void close_keeping_errno(int fd);

/* Creates a file where nothing is, not even a link, and opens it for writing; nothing else creates
 * files. -1 with errno set. */
int create_new(const char *path, mode_t mode);

/* Reads until the end of the file, or as much as was asked for; -1 with errno set. */
ssize_t read_at(int fd, uint8_t *bytes, size_t length, off_t offset);

/* Writes all of it; -1 with errno set. */
int write_at(int fd, const uint8_t *bytes, size_t length, off_t offset);

/* More than any file that is read whole; on a stick, any file may have a name that we look for. */
#define MOST_BYTES (256 << 20)

/* The word for the type of a file. */
const char *kind_name(mode_t mode);

/* What stat(2) says, as a value. */
struct stat;
JSValue from_status(JSContext *ctx, const struct stat *status);

/* Reads a whole regular file, of known size or not, into memory to be freed; NULL with errno
 * set. */
uint8_t *read_whole(const char *path, size_t *length);

/* Like read_whole, for a file compressed with zstd: one frame with its content size, else
 * EBADMSG. */
uint8_t *read_packed(const char *path, size_t *length);

#define UNUSED __attribute__((unused))
#define FUNCTION(name) \
    static JSValue name(UNUSED JSContext *ctx, UNUSED JSValueConst self, UNUSED int argc, UNUSED JSValueConst *argv)

extern const JSCFunctionListEntry content_functions[];
extern const int content_function_count;
extern const JSCFunctionListEntry reading_functions[];
extern const int reading_function_count;
extern const JSCFunctionListEntry copying_functions[];
extern const int copying_function_count;
extern const JSCFunctionListEntry direct_functions[];
extern const int direct_function_count;
extern const JSCFunctionListEntry digest_functions[];
extern const int digest_function_count;
extern const JSCFunctionListEntry packed_functions[];
extern const int packed_function_count;
extern const JSCFunctionListEntry file_functions[];
extern const int file_function_count;
extern const JSCFunctionListEntry entry_functions[];
extern const int entry_function_count;
extern const JSCFunctionListEntry allocation_functions[];
extern const int allocation_function_count;
extern const JSCFunctionListEntry descriptor_functions[];
extern const int descriptor_function_count;
extern const JSCFunctionListEntry mount_functions[];
extern const int mount_function_count;
extern const JSCFunctionListEntry device_functions[];
extern const int device_function_count;
extern const JSCFunctionListEntry loop_functions[];
extern const int loop_function_count;
extern const JSCFunctionListEntry lock_functions[];
extern const int lock_function_count;
extern const JSCFunctionListEntry inside_functions[];
extern const int inside_function_count;
extern const JSCFunctionListEntry process_functions[];
extern const int process_function_count;

#endif
