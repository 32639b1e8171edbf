/* What a directory has under many names, with one call: a store has a million of them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "host.h"

enum { KIND, MODE, UID, GID, BYTES, ALLOCATED, INODE, LINKS, NUMBER, MODIFIED, TARGET, XATTRS, SECONDS, NANOSECONDS, KEYS };
static const char *const key_names[KEYS] = {
    "kind", "mode", "uid", "gid", "bytes", "allocatedBytes", "inode", "links", "deviceNumber",
    "modified", "target", "xattrs", "seconds", "nanoseconds",
};

/* What is made once for all entries of a call. */
struct shared {
    JSAtom keys[KEYS];
    JSValue map, none;
    /* The word for the type of the last entry, which mostly is that of the next. */
    JSValue kind;
    mode_t type;
    /* The attribute whose value is not wanted, and what an entry has that has no other. */
    const char *unread;
    JSValue unread_alone;
};

static void set(JSContext *ctx, JSValueConst object, JSAtom key, JSValue value) {
    JS_DefinePropertyValue(ctx, object, key, value, JS_PROP_C_W_E);
}

static JSValue from_value(JSContext *ctx, const uint8_t *bytes, size_t length) {
    /* The engine reads all three, however many it is told that there are. */
    JSValue given[] = { JS_NewArrayBufferCopy(ctx, bytes, length), JS_UNDEFINED, JS_UNDEFINED };
    JSValue value = JS_NewTypedArray(ctx, 3, given, JS_TYPED_ARRAY_UINT8);
    JS_FreeValue(ctx, given[0]);
    return value;
}

/* Returns the attributes of a name in the current directory as a Map; an exception with errno
 * kept. */
static JSValue read_xattrs(JSContext *ctx, const char *name, struct shared *shared) {
    static char names[65536];
    static uint8_t value[65536];
    /* The kernel takes memory for as many bytes as it is asked for, and few files have many. */
    ssize_t length = llistxattr(name, names, 1024);
    if (length < 0 && errno == ERANGE) length = llistxattr(name, names, sizeof names);
    if (length < 0 && errno != EOPNOTSUPP) return fail(ctx, "llistxattr", name);
    if (length <= 0) return JS_DupValue(ctx, shared->none);
    int is_alone = !strcmp(names, shared->unread) && (size_t)length == strlen(names) + 1;
    if (is_alone && !JS_IsUndefined(shared->unread_alone)) return JS_DupValue(ctx, shared->unread_alone);
    JSValue pairs = JS_NewArray(ctx);
    uint32_t count = 0;
    for (ssize_t at = 0; at < length; at += strlen(names + at) + 1) {
        ssize_t got = strcmp(names + at, shared->unread) ? lgetxattr(name, names + at, value, sizeof value) : 0;
        if (got < 0 && errno == ENODATA) continue;
        if (got < 0) {
            JS_FreeValue(ctx, pairs);
            return fail(ctx, "lgetxattr", name);
        }
        JSValue pair = JS_NewArray(ctx);
        JS_SetPropertyUint32(ctx, pair, 0, from_path(ctx, names + at));
        JS_SetPropertyUint32(ctx, pair, 1, from_value(ctx, value, got));
        JS_SetPropertyUint32(ctx, pairs, count++, pair);
    }
    JSValue result = JS_CallConstructor(ctx, shared->map, 1, &pairs);
    JS_FreeValue(ctx, pairs);
    if (is_alone && !JS_IsException(result)) shared->unread_alone = JS_DupValue(ctx, result);
    return result;
}

static JSValue read_target(JSContext *ctx, const char *name, mode_t mode) {
    char target[4097];
    if (!S_ISLNK(mode)) return JS_UNDEFINED;
    ssize_t length = readlink(name, target, sizeof target);
    return length < 0 ? fail(ctx, "readlink", name) : from_bytes(ctx, target, length);
}

static JSValue read_entry(JSContext *ctx, const char *name, struct shared *shared) {
    const JSAtom *keys = shared->keys;
    struct stat st;
    if (!*name || !strcmp(name, "..") || strchr(name, '/')) {
        errno = EINVAL;
        return fail(ctx, "stat", name);
    }
    if (fstatat(AT_FDCWD, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
        return errno == ENOENT ? JS_UNDEFINED : fail(ctx, "stat", name);
    JSValue target = read_target(ctx, name, st.st_mode);
    if (JS_IsException(target)) return target;
    JSValue xattrs = read_xattrs(ctx, name, shared);
    if (JS_IsException(xattrs)) {
        JS_FreeValue(ctx, target);
        return xattrs;
    }
    if ((st.st_mode & S_IFMT) != shared->type) {
        JS_FreeValue(ctx, shared->kind);
        shared->kind = JS_NewString(ctx, kind_name(st.st_mode));
        shared->type = st.st_mode & S_IFMT;
    }
    JSValue modified = JS_NewObject(ctx);
    set(ctx, modified, keys[SECONDS], JS_NewInt64(ctx, st.st_mtim.tv_sec));
    set(ctx, modified, keys[NANOSECONDS], JS_NewInt32(ctx, st.st_mtim.tv_nsec));
    JSValue entry = JS_NewObject(ctx);
    set(ctx, entry, keys[KIND], JS_DupValue(ctx, shared->kind));
    set(ctx, entry, keys[MODE], JS_NewInt32(ctx, st.st_mode & 07777));
    set(ctx, entry, keys[UID], JS_NewInt64(ctx, st.st_uid));
    set(ctx, entry, keys[GID], JS_NewInt64(ctx, st.st_gid));
    set(ctx, entry, keys[BYTES], JS_NewInt64(ctx, st.st_size));
    set(ctx, entry, keys[ALLOCATED], JS_NewInt64(ctx, (int64_t)st.st_blocks * 512));
    set(ctx, entry, keys[INODE], JS_NewInt64(ctx, st.st_ino));
    set(ctx, entry, keys[LINKS], JS_NewInt64(ctx, st.st_nlink));
    set(ctx, entry, keys[NUMBER], JS_NewInt64(ctx, st.st_rdev));
    set(ctx, entry, keys[MODIFIED], modified);
    set(ctx, entry, keys[TARGET], target);
    set(ctx, entry, keys[XATTRS], xattrs);
    return entry;
}

static JSValue read_entries(JSContext *ctx, JSValueConst names, const char *unread) {
    struct shared shared = { .kind = JS_UNDEFINED, .unread = unread, .unread_alone = JS_UNDEFINED };
    uint32_t count = 0;
    JSValue length = JS_GetPropertyStr(ctx, names, "length");
    if (JS_ToUint32(ctx, &count, length) < 0) return JS_EXCEPTION;
    JS_FreeValue(ctx, length);
    for (int i = 0; i < KEYS; i++) shared.keys[i] = JS_NewAtom(ctx, key_names[i]);
    JSValue global = JS_GetGlobalObject(ctx);
    shared.map = JS_GetPropertyStr(ctx, global, "Map");
    shared.none = JS_CallConstructor(ctx, shared.map, 0, NULL);
    JSValue result = JS_NewArray(ctx);
    for (uint32_t i = 0; i < count; i++) {
        JSValue given = JS_GetPropertyUint32(ctx, names, i);
        char room[256], *name = to_path_in(ctx, given, room, sizeof room);
        JSValue entry = name ? read_entry(ctx, name, &shared) : JS_EXCEPTION;
        JS_FreeValue(ctx, given);
        free_path(name, room);
        if (JS_IsException(entry)) {
            JS_FreeValue(ctx, result);
            result = entry;
            break;
        }
        JS_SetPropertyUint32(ctx, result, i, entry);
    }
    JS_FreeValue(ctx, shared.unread_alone);
    JS_FreeValue(ctx, shared.kind);
    JS_FreeValue(ctx, shared.none);
    JS_FreeValue(ctx, shared.map);
    JS_FreeValue(ctx, global);
    for (int i = 0; i < KEYS; i++) JS_FreeAtom(ctx, shared.keys[i]);
    return result;
}

/* Attributes have no calls that begin at a directory, and a path through /proc costs more than the
 * call: the directory is entered meanwhile. */
FUNCTION(lookIn) {
    char *directory = to_path(ctx, argv[0]), *unread = directory ? to_path(ctx, argv[2]) : NULL;
    if (!unread) {
        free(directory);
        return JS_EXCEPTION;
    }
    int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    JSValue result = here < 0 || chdir(directory) < 0 ? fail(ctx, "chdir", directory) : read_entries(ctx, argv[1], unread);
    if (here >= 0 && fchdir(here) < 0 && !JS_IsException(result)) {
        JS_FreeValue(ctx, result);
        result = fail(ctx, "fchdir", NULL);
    }
    close_keeping_errno(here);
    free(unread);
    free(directory);
    return result;
}

const JSCFunctionListEntry entry_functions[] = {
    JS_CFUNC_DEF("lookIn", 3, lookIn),
};
const int entry_function_count = sizeof entry_functions / sizeof *entry_functions;
