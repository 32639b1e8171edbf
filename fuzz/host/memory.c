/* The engine's memory, from the allocator of the C library: the sanitizer then sees each piece,
 * which it could not with native/memory.c. */
#include <malloc.h>
#include <stdlib.h>

#include "host.h"

static void count(JSMallocState *state, const void *piece, int sign) {
    if (!piece) return;
    state->malloc_count += (size_t)sign;
    /* The engine collects garbage when this has grown. */
    state->malloc_size += (size_t)sign * malloc_usable_size((void *)piece);
}

static void *allocate(JSMallocState *state, size_t size) {
    void *piece = malloc(size);
    count(state, piece, 1);
    return piece;
}

static void release(JSMallocState *state, void *piece) {
    count(state, piece, -1);
    free(piece);
}

static void *resize(JSMallocState *state, void *piece, size_t size) {
    if (!size) {
        release(state, piece);
        return NULL;
    }
    size_t before = piece ? malloc_usable_size(piece) : 0;
    void *moved = realloc(piece, size);
    if (!moved) return NULL;
    if (!piece) state->malloc_count++;
    state->malloc_size += malloc_usable_size(moved) - before;
    return moved;
}

static size_t usable(const void *piece) { return malloc_usable_size((void *)piece); }

const JSMallocFunctions engine_memory = { allocate, release, resize, usable };
