/* The engine's memory. The engine allocates many small pieces and asks for the size of each one;
 * musl, which is designed to detect memory errors, then searches tables every time: that was two
 * fifths of a boot's instructions (decision 0026). Here pieces of one size share chunks, and freed
 * pieces are used first. */
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host.h"

/* All else is optimised for size; every allocation passes through here. */
#pragma GCC optimize("O2")

enum {
    GRAIN = 16,           /* sizes are rounded up to this, and pieces are aligned to it */
    LARGEST = 512,        /* larger pieces are left to musl */
    CHUNK = 16384,        /* pieces of one size are cut from it */
    REGION = 64 << 20,    /* address space for chunks; untouched pages take no memory */
    /* What the engine adds to the size of each piece when it decides whether to collect garbage. */
    OVERHEAD = 8,
};

struct piece {
    struct piece *next;
};

static uint8_t *region, *unused;
static uint8_t grains_of[REGION / CHUNK];
static struct {
    struct piece *freed;
    uint8_t *next, *end;
} sizes[LARGEST / GRAIN + 1];

static inline int is_ours(const void *piece) {
    return (uintptr_t)piece - (uintptr_t)region < REGION && region;
}

static inline size_t size_of(const void *piece) {
    if (!piece) return 0;
    if (!is_ours(piece)) return malloc_usable_size((void *)piece);
    return (size_t)grains_of[((uintptr_t)piece - (uintptr_t)region) / CHUNK] * GRAIN;
}

/* Begins a chunk for pieces of a size; 0 if no address space is left. */
static int begin_chunk(size_t grains) {
    if (!region) {
        void *found = mmap(NULL, REGION, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (found == MAP_FAILED) return 0;
        region = unused = found;
    }
    if (unused == region + REGION) return 0;
    grains_of[(unused - region) / CHUNK] = (uint8_t)grains;
    sizes[grains].next = unused;
    unused += CHUNK;
    sizes[grains].end = sizes[grains].next + CHUNK / (grains * GRAIN) * (grains * GRAIN);
    return 1;
}

static inline void *take(size_t size) {
    size_t grains = (size + GRAIN - 1) / GRAIN;
    if (size > LARGEST) return malloc(size);
    if (sizes[grains].freed) {
        struct piece *piece = sizes[grains].freed;
        sizes[grains].freed = piece->next;
        return piece;
    }
    if (sizes[grains].next == sizes[grains].end && !begin_chunk(grains)) return malloc(size);
    void *piece = sizes[grains].next;
    sizes[grains].next += grains * GRAIN;
    return piece;
}

static int is_starting = 1;
int was_out_of_memory;

void *out_of_memory(void) {
    was_out_of_memory = 1;
    if (!is_starting) return NULL;
    dprintf(2, "backstore: cannot start: not enough memory\n");
    _exit(1);
}

void has_started(void) { is_starting = 0; }

static inline void give_back(void *piece) {
    if (!is_ours(piece)) {
        free(piece);
        return;
    }
    size_t grains = grains_of[((uint8_t *)piece - region) / CHUNK];
    ((struct piece *)piece)->next = sizes[grains].freed;
    sizes[grains].freed = piece;
}

static void *engine_malloc(JSMallocState *state, size_t size) {
    if (state->malloc_size + size > state->malloc_limit) return NULL;
    void *piece = take(size);
    if (!piece) return out_of_memory();
    state->malloc_count++;
    state->malloc_size += size_of(piece) + OVERHEAD;
    return piece;
}

static void engine_free(JSMallocState *state, void *piece) {
    if (!piece) return;
    state->malloc_count--;
    state->malloc_size -= size_of(piece) + OVERHEAD;
    give_back(piece);
}

static void *engine_realloc(JSMallocState *state, void *piece, size_t size) {
    if (!piece) return size ? engine_malloc(state, size) : NULL;
    if (!size) {
        engine_free(state, piece);
        return NULL;
    }
    size_t before = size_of(piece);
    if (state->malloc_size + size - before > state->malloc_limit) return NULL;
    if (is_ours(piece) && size <= before && before - size < GRAIN) return piece;
    void *moved = is_ours(piece) || size <= LARGEST ? take(size) : realloc(piece, size);
    if (!moved) return out_of_memory();
    if (is_ours(piece) || size <= LARGEST) {
        memcpy(moved, piece, before < size ? before : size);
        give_back(piece);
    }
    state->malloc_size += size_of(moved) - before;
    return moved;
}

static size_t usable_size(const void *piece) {
    return size_of(piece);
}

const JSMallocFunctions engine_memory = { engine_malloc, engine_free, engine_realloc, usable_size };
