/* How values are converted between JavaScript and the kernel: names, texts, bytes, lists, and
 * errno as an exception. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host.h"

static const struct { int number; const char *name; } errno_names[] = {
#define E(name) { name, #name }
    E(EPERM), E(ENOENT), E(ESRCH), E(EINTR), E(EIO), E(ENXIO), E(E2BIG), E(ENOEXEC), E(EBADF), E(ECHILD), E(EAGAIN),
    E(ENOMEM), E(EACCES), E(EFAULT), E(ENOTBLK), E(EBUSY), E(EEXIST), E(EXDEV), E(ENODEV), E(ENOTDIR), E(EISDIR),
    E(EINVAL), E(ENFILE), E(EMFILE), E(ENOTTY), E(ETXTBSY), E(EFBIG), E(ENOSPC), E(ESPIPE), E(EROFS), E(EMLINK),
    E(EPIPE), E(EDOM), E(ERANGE), E(ENAMETOOLONG), E(ENOSYS), E(ENOTEMPTY), E(ELOOP), E(ENODATA), E(EPROTO),
    E(EOVERFLOW), E(EUCLEAN), E(EOPNOTSUPP), E(ESTALE), E(EDQUOT), E(ENOMEDIUM), E(EMEDIUMTYPE), E(ENOKEY),
    E(EKEYREJECTED), E(EBADMSG), E(ETIMEDOUT), E(ENOLINK), E(EREMOTEIO), E(EILSEQ), E(ESHUTDOWN), E(EALREADY),
    E(EINPROGRESS), E(ENOTUNIQ), E(ENOTCONN), E(ENOLCK), E(EHOSTDOWN), E(EHOSTUNREACH), E(ENETUNREACH),
#undef E
};

/* musl has no words for the error by which file system drivers report damage. */
static const char *reason_of(int number) { return number == EUCLEAN ? "Structure needs cleaning" : strerror(number); }

JSValue fail(JSContext *ctx, const char *syscall, const char *path) {
    int number = errno;
    const char *name = "EUNKNOWN";
    char message[4352];

    for (size_t i = 0; i < sizeof errno_names / sizeof *errno_names; i++)
        if (errno_names[i].number == number) name = errno_names[i].name;
    snprintf(message, sizeof message, "%s: %s%s%s", syscall, path ? path : "", path ? ": " : "", reason_of(number));
    /* Made by the constructor, because JS_NewError omits the stack. */
    JSValue global = JS_GetGlobalObject(ctx), constructor = JS_GetPropertyStr(ctx, global, "Error");
    JSValue error = JS_CallConstructor(ctx, constructor, 0, NULL);
    JS_FreeValue(ctx, constructor);
    JS_FreeValue(ctx, global);
    if (JS_IsException(error)) return error;
    JS_DefinePropertyValueStr(ctx, error, "message", from_path(ctx, message), JS_PROP_C_W_E);
    JS_DefinePropertyValueStr(ctx, error, "code", JS_NewString(ctx, name), JS_PROP_C_W_E);
    JS_DefinePropertyValueStr(ctx, error, "reason", JS_NewString(ctx, reason_of(number)), JS_PROP_C_W_E);
    JS_DefinePropertyValueStr(ctx, error, "syscall", JS_NewString(ctx, syscall), JS_PROP_C_W_E);
    if (path) JS_DefinePropertyValueStr(ctx, error, "path", from_path(ctx, path), JS_PROP_C_W_E);
    return JS_Throw(ctx, error);
}

char *to_path_in(JSContext *ctx, JSValueConst value, char *room, size_t size) {
    size_t length, written = 0;
    const char *text = JS_ToCStringLen(ctx, &length, value);

    if (!text) return NULL;
    char *path = memchr(text, 0, length) ? (errno = EINVAL, NULL) : length < size ? room : malloc(length + 1);
    if (!path) {
        JS_FreeCString(ctx, text);
        fail(ctx, "path", NULL);
        return NULL;
    }
    for (size_t i = 0; i < length; i++) {
        const unsigned char *at = (const unsigned char *)text + i;
        if (at[0] == 0xED && i + 2 < length && (at[1] & 0xFE) == 0xB2) {
            path[written++] = (char)(((at[1] & 3) << 6) | (at[2] & 0x3F));
            i += 2;
        } else path[written++] = text[i];
    }
    path[written] = 0;
    JS_FreeCString(ctx, text);
    return path;
}

char *to_path(JSContext *ctx, JSValueConst value) { return to_path_in(ctx, value, NULL, 0); }

void free_path(char *path, const char *room) {
    if (path != room) free(path);
}

/* Returns how many bytes at `at` belong together: a whole UTF-8 sequence, or the longest
 * beginning of one (at least 1). */
static size_t sequence_length(const unsigned char *at, size_t left, int *whole) {
    size_t length = at[0] < 0x80 ? 1 : at[0] >= 0xC2 && at[0] <= 0xDF ? 2 : at[0] >= 0xE0 && at[0] <= 0xEF ? 3 : at[0] >= 0xF0 && at[0] <= 0xF4 ? 4 : 0;
    /* No overlong forms, no surrogates, nothing beyond U+10FFFF: the second byte shows it. */
    unsigned char low = at[0] == 0xE0 ? 0xA0 : at[0] == 0xF0 ? 0x90 : 0x80, high = at[0] == 0xED ? 0x9F : at[0] == 0xF4 ? 0x8F : 0xBF;
    size_t i = 1;
    for (; i < length && i < left && at[i] >= low && at[i] <= high; i++) {
        low = 0x80;
        high = 0xBF;
    }
    *whole = i == length;
    return i;
}

static JSValue decode(JSContext *ctx, const char *bytes, size_t length, int as_text) {
    const unsigned char *at = (const unsigned char *)bytes;
    size_t written = 0, plain = 0;

    while (plain < length && at[plain] < 0x80) plain++;
    if (plain == length) return JS_NewStringLen(ctx, bytes, length);
    char *text = malloc(length * 3);
    if (!text) {
        errno = ENOMEM;
        return fail(ctx, "text", NULL);
    }
    for (size_t i = 0; i < length;) {
        int whole;
        size_t sequence = sequence_length(at + i, length - i, &whole);
        if (whole) {
            memcpy(text + written, at + i, sequence);
            written += sequence;
            i += sequence;
        } else if (as_text) {
            memcpy(text + written, "\xEF\xBF\xBD", 3);
            written += 3;
            i += sequence;
        } else {
            text[written++] = (char)0xED;
            text[written++] = (char)(0xB2 | ((at[i] >> 6) & 1));
            text[written++] = (char)(0x80 | (at[i] & 0x3F));
            i++;
        }
    }
    JSValue string = JS_NewStringLen(ctx, text, written);
    free(text);
    return string;
}

JSValue from_bytes(JSContext *ctx, const char *bytes, size_t length) {
    return decode(ctx, bytes, length, 0);
}

JSValue from_text(JSContext *ctx, const char *bytes, size_t length) {
    return decode(ctx, bytes, length, 1);
}

JSValue from_path(JSContext *ctx, const char *path) {
    return from_bytes(ctx, path, strlen(path));
}

int to_data(JSContext *ctx, JSValueConst value, struct data *data) {
    size_t offset, size, whole;

    data->text = NULL;
    data->buffer = JS_UNDEFINED;
    if (JS_IsString(value)) {
        data->text = JS_ToCStringLen(ctx, &data->length, value);
        data->bytes = (const uint8_t *)data->text;
        if (!data->text) return -1;
        /* Lone surrogates (of a name that is not UTF-8, say) have no UTF-8 and become U+FFFD,
         * which has the same length. The engine made these bytes for us: only ASCII text is shared
         * with the string. */
        uint8_t *at = (uint8_t *)data->text;
        for (size_t i = 0; i + 2 < data->length; i++)
            if (at[i] == 0xED && at[i + 1] >= 0xA0) memcpy(at + i, "\xEF\xBF\xBD", 3);
        return 0;
    }
    data->buffer = JS_GetTypedArrayBuffer(ctx, value, &offset, &data->length, &size);
    if (JS_IsException(data->buffer)) return -1;
    data->bytes = JS_GetArrayBuffer(ctx, &whole, data->buffer) + offset;
    return 0;
}

void release_data(JSContext *ctx, struct data *data) {
    if (data->text) JS_FreeCString(ctx, data->text);
    JS_FreeValue(ctx, data->buffer);
}

char **to_words(JSContext *ctx, JSValueConst list) {
    uint32_t count = 0;
    JSValue length = JS_GetPropertyStr(ctx, list, "length");
    if (JS_ToUint32(ctx, &count, length) < 0) return NULL;
    JS_FreeValue(ctx, length);
    char **words = count ? calloc((size_t)count + 1, sizeof *words) : NULL;
    if (!words) {
        errno = count ? ENOMEM : EINVAL;
        fail(ctx, "argv", NULL);
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        JSValue word = JS_GetPropertyUint32(ctx, list, i);
        words[i] = to_path(ctx, word);
        JS_FreeValue(ctx, word);
        if (words[i]) continue;
        free_words(words);
        return NULL;
    }
    return words;
}

void free_words(char **words) {
    for (char **word = words; *word; word++) free(*word);
    free(words);
}

void ignore_signals(void) {
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

void restore_signals(void) {
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
}

volatile sig_atomic_t interruption;

/* timeout(1) and others send the same signal twice at once; a person needs longer. */
static void note(int number) {
    static struct timespec first;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!interruption) first = now;
    interruption = number;
    if ((now.tv_sec - first.tv_sec) * 1000 + (now.tv_nsec - first.tv_nsec) / 1000000 < 500) return;
    signal(number, SIG_DFL);
    raise(number);
}

/* The first signal is noted, so that what was begun can be undone; a later one ends the process. */
void catch_interruptions(void) {
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct sigaction now, noting = { .sa_handler = note, .sa_flags = SA_RESTART };
        /* nohup(1) and shells ignore them for what they start. */
        if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler == SIG_DFL) sigaction(signals[i], &noting, NULL);
    }
}

uint32_t to_number(JSContext *ctx, JSValueConst value) {
    uint32_t result = 0;
    JS_ToUint32(ctx, &result, value);
    return result;
}
