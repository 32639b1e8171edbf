// make-same FROM TO      writes into TO what differs from FROM, and gives it the same size
// make-same -a FROM TO   allocates all of TO as well
// make-same -n FROM TO   only exits with 1 if there is a difference
//
// What is a hole or allocated but unwritten in both is not read, so large stores take no longer than
// small ones, and TO keeps its inode and what is allocated to it.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 64 * 1024 };

static void fail(const char *what)
{
	fprintf(stderr, "make-same: %s: %s\n", what, strerror(errno));
	exit(125);
}

static off_t next_data(int file, off_t at, off_t end)
{
	off_t found = lseek(file, at, SEEK_DATA);
	if (found >= 0)
		return found;
	if (errno != ENXIO)
		fail("lseek");
	return end;
}

static size_t read_piece(int file, char *piece, off_t at)
{
	size_t length = 0;
	while (length < PIECE) {
		ssize_t more = pread(file, piece + length, PIECE - length, at + length);
		if (more < 0)
			fail("pread");
		if (more == 0)
			break;
		length += more;
	}
	return length;
}

int main(int argc, char **argv)
{
	int only_compares = argc == 4 && !strcmp(argv[1], "-n");
	int allocates = argc == 4 && !strcmp(argv[1], "-a");
	if (argc != 3 + only_compares + allocates) {
		fputs("usage: make-same [-a|-n] FROM TO\n", stderr);
		return 125;
	}
	const char *from_path = argv[argc - 2], *to_path = argv[argc - 1];
	int from = open(from_path, O_RDONLY);
	if (from < 0)
		fail(from_path);
	int to = open(to_path, only_compares ? O_RDONLY : O_RDWR | O_CREAT, 0600);
	if (to < 0)
		fail(to_path);
	struct stat wanted, found;
	if (fstat(from, &wanted) || fstat(to, &found))
		fail("fstat");
	off_t end = wanted.st_size;
	if (found.st_size != end) {
		if (only_compares)
			return 1;
		if (ftruncate(to, end))
			fail("ftruncate");
	}
	if (allocates && found.st_blocks * 512 < end && fallocate(to, 0, 0, end))
		fail("fallocate");
	static char one[PIECE], other[PIECE];
	off_t in_from = 0, in_to = 0;
	for (off_t at = 0; at < end; at += PIECE) {
		// Searching takes as long as what is skipped is large.
		if (in_from <= at)
			in_from = next_data(from, at, end);
		if (in_to <= at)
			in_to = next_data(to, at, end);
		if (in_from > at && in_to > at)
			at = (in_from < in_to ? in_from : in_to) / PIECE * PIECE;
		if (at >= end)
			break;
		size_t length = read_piece(from, one, at);
		if (read_piece(to, other, at) == length && !memcmp(one, other, length))
			continue;
		if (only_compares)
			return 1;
		if (pwrite(to, one, length, at) != (ssize_t)length)
			fail("pwrite");
	}
	return 0;
}
