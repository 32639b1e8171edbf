// Prints facts on a guest's line for facts, which is descriptor 3: tell {KIND NAME FILE}..., with
// "-" for the standard input and "=TEXT" for a text itself. A fact is a JSON object on a line,
// {"kind", "name", "text"}, the latter two in base64, so that nothing needs quoting. A FILE that
// does not exist is a fact of the kind "missing". One process for all of them: starting one takes a
// guest in User Mode Linux as long as a hundred system calls.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct text {
  unsigned char *bytes;
  size_t length;
};

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void print_base64(FILE *line, struct text text) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t at = 0; at < text.length; at += 3) {
    size_t left = text.length - at;
    unsigned first = text.bytes[at];
    unsigned second = left > 1 ? text.bytes[at + 1] : 0;
    unsigned third = left > 2 ? text.bytes[at + 2] : 0;
    unsigned bits = first << 16 | second << 8 | third;
    putc(digits[bits >> 18], line);
    putc(digits[bits >> 12 & 63], line);
    putc(left > 1 ? digits[bits >> 6 & 63] : '=', line);
    putc(left > 2 ? digits[bits & 63] : '=', line);
  }
}

static struct text text_of(const char *words) {
  return (struct text){(unsigned char *)words, strlen(words)};
}

static void print_fact(FILE *line, const char *kind, const char *name, struct text text) {
  fprintf(line, "{\"kind\":\"%s\",\"name\":\"", kind);
  print_base64(line, text_of(name));
  fprintf(line, "\",\"text\":\"");
  print_base64(line, text);
  fprintf(line, "\"}\n");
}

// What cannot be read, such as a directory, has no text.
static struct text read_all(int file) {
  struct text text = {NULL, 0};
  size_t room = 0;
  for (;;) {
    if (text.length == room) {
      room = room == 0 ? 65536 : 2 * room;
      text.bytes = realloc(text.bytes, room);
      if (text.bytes == NULL) fail("realloc");
    }
    ssize_t length = read(file, text.bytes + text.length, room - text.length);
    if (length <= 0) return text;
    text.length += (size_t)length;
  }
}

static void tell(FILE *line, const char *kind, const char *name, const char *from) {
  if (from[0] == '=') {
    print_fact(line, kind, name, text_of(from + 1));
    return;
  }
  int file = strcmp(from, "-") == 0 ? STDIN_FILENO : open(from, O_RDONLY | O_CLOEXEC);
  if (file < 0 && (errno == ENOENT || errno == ENOTDIR)) {
    print_fact(line, "missing", from, text_of("missing\n"));
    return;
  }
  struct text text = read_all(file);
  print_fact(line, kind, name, text);
  free(text.bytes);
  if (file > STDIN_FILENO) close(file);
}

int main(int count, char **words) {
  FILE *line = fdopen(3, "w");
  if (line == NULL) fail("descriptor 3");
  if (count % 3 != 1) {
    fprintf(stderr, "Usage: tell {KIND NAME FILE}...\n");
    return 2;
  }
  for (int at = 1; at < count; at += 3) tell(line, words[at], words[at + 1], words[at + 2]);
  if (fclose(line) != 0) fail("descriptor 3");
  return 0;
}
