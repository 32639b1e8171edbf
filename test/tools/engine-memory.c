// engine-memory SEED
//
// Allocates, resizes and frees pieces of the engine's memory (native/memory.c) in an order that
// depends on the seed. A piece must keep its contents, its size must be the one that is counted, and
// nothing may be counted in the end.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../native/host.h"

enum { PIECES = 4000, STEPS = 400000, MANY = 200000 };

static struct piece {
	uint8_t *bytes;
	size_t length;
	uint8_t mark;
} pieces[PIECES];

static JSMallocState state = { .malloc_limit = SIZE_MAX };
static uint64_t seed;

static uint32_t chance(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

static void expect(int holds, const char *what)
{
	if (holds) return;
	fprintf(stderr, "engine-memory: %s\n", what);
	exit(1);
}

// Most pieces are small; some are larger than any chunk.
static size_t some_length(void)
{
	switch (chance(20)) {
	case 0: return 1 + chance(100000);
	case 1: return 1 + chance(4096);
	default: return 1 + chance(600);
	}
}

static void check(const struct piece *piece, size_t length)
{
	expect(((uintptr_t)piece->bytes & 15) == 0, "a piece is not aligned");
	expect(engine_memory.js_malloc_usable_size(piece->bytes) >= piece->length, "a piece is too small");
	for (size_t i = 0; i < length; i++) expect(piece->bytes[i] == piece->mark, "a piece was written over");
}

static void fill(struct piece *piece, size_t length)
{
	piece->length = length;
	piece->mark = (uint8_t)chance(256);
	memset(piece->bytes, piece->mark, length);
	// The whole usable size may be used.
	size_t usable = engine_memory.js_malloc_usable_size(piece->bytes);
	memset(piece->bytes, piece->mark, usable);
}

static void change(struct piece *piece)
{
	if (!piece->bytes) {
		size_t length = some_length();
		piece->bytes = engine_memory.js_malloc(&state, length);
		expect(piece->bytes != NULL, "there is no memory");
		fill(piece, length);
		return;
	}
	check(piece, piece->length);
	if (chance(3) == 0) {
		size_t length = some_length();
		size_t kept = length < piece->length ? length : piece->length;
		piece->bytes = engine_memory.js_realloc(&state, piece->bytes, length);
		expect(piece->bytes != NULL, "a piece cannot be changed");
		piece->length = length;
		check(piece, kept);
		fill(piece, length);
		return;
	}
	if (chance(2)) engine_memory.js_free(&state, piece->bytes);
	else expect(engine_memory.js_realloc(&state, piece->bytes, 0) == NULL, "nothing has an address");
	piece->bytes = NULL;
}

static void check_counts(void)
{
	size_t count = 0, bytes = 0;
	for (struct piece *piece = pieces; piece < pieces + PIECES; piece++) {
		if (!piece->bytes) continue;
		count++;
		bytes += engine_memory.js_malloc_usable_size(piece->bytes) + 8;
	}
	expect(state.malloc_count == count, "pieces are miscounted");
	expect(state.malloc_size == bytes, "bytes are miscounted");
}

// More than there is address space for: the rest comes from elsewhere, and is returned there.
static void take_many(void)
{
	static uint8_t *many[MANY];
	for (int i = 0; i < MANY; i++) {
		many[i] = engine_memory.js_malloc(&state, 500);
		expect(many[i] != NULL, "there is no memory for many");
		memset(many[i], i & 255, 500);
	}
	for (int i = 0; i < MANY; i++) {
		expect(many[i][0] == (i & 255) && many[i][499] == (i & 255), "one of many was written over");
		engine_memory.js_free(&state, many[i]);
	}
}

static void keep_limit(void)
{
	uint8_t *piece = engine_memory.js_malloc(&state, 100);
	piece[99] = 7;
	state.malloc_limit = state.malloc_size + 50;
	expect(engine_memory.js_malloc(&state, 100) == NULL, "the limit is not kept");
	expect(engine_memory.js_realloc(&state, piece, 400) == NULL, "the limit is not kept by what changes");
	expect(piece[99] == 7, "what could not be changed is gone");
	state.malloc_limit = SIZE_MAX;
	engine_memory.js_free(&state, piece);
}

int main(int argc, char **argv)
{
	seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	for (int step = 0; step < STEPS; step++) {
		change(&pieces[chance(PIECES)]);
		if (step % 10000 == 0) check_counts();
		if (step == STEPS / 2) take_many();
	}
	keep_limit();
	for (struct piece *piece = pieces; piece < pieces + PIECES; piece++)
		if (piece->bytes) engine_memory.js_free(&state, piece->bytes);
	engine_memory.js_free(&state, NULL);
	expect(state.malloc_count == 0 && state.malloc_size == 0, "something is counted in the end");
	return 0;
}
