/* SHA-512 (FIPS 180-4, sections 5 and 6.4) of a file that is open: what lies beside the image of a
 * base says which it should have. */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

enum { BLOCK = 128, ROUNDS = 80, DIGEST = 64 };

/* The first bits of the fractional parts of the cube roots of the first primes. */
static const uint64_t constants[ROUNDS] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
    0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
    0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
    0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
    0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
    0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

/* The same of their square roots. */
static const uint64_t beginning[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

static inline uint64_t turn(uint64_t word, int by) { return word >> by | word << (64 - by); }

/* A round gives new values to `d` and `h`; what the next one calls by these letters moves on by
 * one. */
#define ROUND(a, b, c, d, e, f, g, h, i) \
    do { \
        h += (turn(e, 14) ^ turn(e, 18) ^ turn(e, 41)) + (g ^ (e & (f ^ g))) + constants[i] + schedule[i]; \
        d += h; \
        h += (turn(a, 28) ^ turn(a, 34) ^ turn(a, 39)) + ((a & b) | (c & (a | b))); \
    } while (0)

static void add_block(uint64_t state[8], const uint8_t *block) {
    uint64_t schedule[ROUNDS];
    memcpy(schedule, block, BLOCK);
    for (int i = 0; i < 16; i++) schedule[i] = be64toh(schedule[i]);
    for (int i = 16; i < ROUNDS; i++) {
        uint64_t far = schedule[i - 15], near = schedule[i - 2];
        schedule[i] = schedule[i - 16] + (turn(far, 1) ^ turn(far, 8) ^ far >> 7) + schedule[i - 7]
            + (turn(near, 19) ^ turn(near, 61) ^ near >> 6);
    }
    uint64_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint64_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int i = 0; i < ROUNDS; i += 8) {
        ROUND(a, b, c, d, e, f, g, h, i);
        ROUND(h, a, b, c, d, e, f, g, i + 1);
        ROUND(g, h, a, b, c, d, e, f, i + 2);
        ROUND(f, g, h, a, b, c, d, e, i + 3);
        ROUND(e, f, g, h, a, b, c, d, i + 4);
        ROUND(d, e, f, g, h, a, b, c, i + 5);
        ROUND(c, d, e, f, g, h, a, b, i + 6);
        ROUND(b, c, d, e, f, g, h, a, i + 7);
    }
    const uint64_t sums[8] = { a, b, c, d, e, f, g, h };
    for (int i = 0; i < 8; i++) state[i] += sums[i];
}

/* The end of the text: a bit, zeros, and its length in bits, in one or two blocks. */
static void add_end(uint64_t state[8], const uint8_t *rest, size_t length, uint64_t bytes) {
    uint8_t end[2 * BLOCK] = { 0 };
    memcpy(end, rest, length);
    end[length] = 0x80;
    size_t size = length + 17 > BLOCK ? 2 * BLOCK : BLOCK;
    for (int i = 0; i < 8; i++) end[size - 1 - i] = bytes << 3 >> 8 * i;
    end[size - 9] = bytes >> 61;
    for (size_t at = 0; at < size; at += BLOCK) add_block(state, end + at);
}

/* sha512(handle, progress): calls progress(bytes) for each part that is read. */
FUNCTION(sha512) {
    enum { PART = 4 << 20 };
    int fd = (int)to_number(ctx, argv[0]);
    uint64_t state[8], bytes = 0;
    uint8_t *buffer = malloc(PART), digest[DIGEST];
    ssize_t got = -1;
    errno = ENOMEM;
    memcpy(state, beginning, sizeof state);
    while (buffer && (got = read_at(fd, buffer, PART, bytes)) == PART) {
        for (size_t at = 0; at < PART; at += BLOCK) add_block(state, buffer + at);
        bytes += PART;
        JSValue count = JS_NewInt64(ctx, bytes), answer = JS_Call(ctx, argv[1], JS_UNDEFINED, 1, &count);
        if (JS_IsException(answer)) {
            free(buffer);
            return answer;
        }
        JS_FreeValue(ctx, answer);
    }
    if (got < 0) {
        int kept = errno;
        free(buffer);
        errno = kept;
        return fail(ctx, "read", NULL);
    }
    size_t whole = got - got % BLOCK;
    for (size_t at = 0; at < whole; at += BLOCK) add_block(state, buffer + at);
    add_end(state, buffer + whole, got - whole, bytes + got);
    free(buffer);
    for (int i = 0; i < DIGEST; i++) digest[i] = state[i / 8] >> (56 - 8 * (i % 8));
    return JS_NewArrayBufferCopy(ctx, digest, DIGEST);
}

const JSCFunctionListEntry digest_functions[] = {
    JS_CFUNC_DEF("sha512", 2, sha512),
};
const int digest_function_count = sizeof digest_functions / sizeof *digest_functions;
