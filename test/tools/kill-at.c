// kill-at REPORT [NAME:]N COMMAND...
// kill-at REPORT from:N COMMAND...
// kill-at REPORT fail:[NAME:]N COMMAND...
//
// Runs COMMAND and counts each system call, of any of its processes, that changes something outside
// of the process: the contents of files and devices, names, mounts, loop devices, file systems.
// Immediately before the N-th (of the calls with that NAME, if one is given) it kills all of them at
// once with SIGKILL; with 0 it only counts. With "from:N" it waits at that one and each after it for
// a line on its standard input, which the command does not get, and kills them when that ends. With
// "fail:N" that call is not made and fails with EIO, and the command goes on; what makes mounts
// counts as well. The REPORT gets one line for each counted call ("NUMBER NAME PROGRAM PATH"). Exits
// like COMMAND, or with 137 if that was killed. Writes to pipes and terminals are not counted: nobody
// finds them after a kill.
//
// A seccomp filter makes the kernel stop at these calls only (SECCOMP_RET_TRACE, seccomp(2)); a
// process that is killed in that stop does not make the call (kernel/seccomp.c skips it if a fatal
// signal is pending).
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

// What determines whether a call counts, besides its number.
enum rule { ALWAYS, IF_FAILING, FILE_IN_FIRST, FILE_IN_THIRD, OPENS_AT, OPENS, IOCTL };

static const struct call {
	int number;
	const char *name;
	enum rule rule;
} calls[] = {
#define CALL(name, rule) {SYS_##name, #name, rule}
	CALL(write, FILE_IN_FIRST), CALL(writev, FILE_IN_FIRST), CALL(pwrite64, FILE_IN_FIRST),
	CALL(pwritev, FILE_IN_FIRST), CALL(pwritev2, FILE_IN_FIRST), CALL(sendfile, FILE_IN_FIRST),
	CALL(splice, FILE_IN_THIRD), CALL(copy_file_range, FILE_IN_THIRD), CALL(fallocate, ALWAYS),
	CALL(truncate, ALWAYS), CALL(ftruncate, ALWAYS), CALL(openat, OPENS_AT), CALL(open, OPENS),
	CALL(creat, ALWAYS), CALL(rename, ALWAYS), CALL(renameat, ALWAYS), CALL(renameat2, ALWAYS),
	CALL(link, ALWAYS), CALL(linkat, ALWAYS), CALL(symlink, ALWAYS), CALL(symlinkat, ALWAYS),
	CALL(unlink, ALWAYS), CALL(unlinkat, ALWAYS), CALL(mkdir, ALWAYS), CALL(mkdirat, ALWAYS),
	CALL(rmdir, ALWAYS), CALL(mknod, ALWAYS), CALL(mknodat, ALWAYS), CALL(chmod, ALWAYS),
	CALL(fchmod, ALWAYS), CALL(fchmodat, ALWAYS), CALL(chown, ALWAYS), CALL(lchown, ALWAYS),
	CALL(fchown, ALWAYS), CALL(fchownat, ALWAYS), CALL(utimensat, ALWAYS), CALL(setxattr, ALWAYS),
	CALL(lsetxattr, ALWAYS), CALL(fsetxattr, ALWAYS), CALL(removexattr, ALWAYS),
	CALL(lremovexattr, ALWAYS), CALL(fremovexattr, ALWAYS), CALL(fsync, ALWAYS),
	CALL(fdatasync, ALWAYS), CALL(sync_file_range, ALWAYS), CALL(sync, ALWAYS), CALL(syncfs, ALWAYS),
	CALL(mount, ALWAYS), CALL(umount2, ALWAYS), CALL(move_mount, ALWAYS), CALL(mount_setattr, ALWAYS),
	CALL(fsconfig, ALWAYS), CALL(ioctl, IOCTL), CALL(fsopen, IF_FAILING), CALL(fsmount, IF_FAILING),
	CALL(open_tree, IF_FAILING),
#undef CALL
};
#define CALLS (sizeof calls / sizeof *calls)

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#else
#error "kill-at knows only x86_64: its table has calls that other machines lack"
#endif

static void fail(const char *what)
{
	fprintf(stderr, "kill-at: %s: %s\n", what, strerror(errno));
	exit(125);
}

static void trace_calls_that_change(void)
{
	struct sock_filter program[CALLS + 6];
	size_t n = 0;
	program[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	program[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
	program[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	program[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < CALLS; i++)
		program[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, CALLS - i, 0);
	program[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	program[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	struct sock_fprog filter = {.len = n, .filter = program};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
		fail("seccomp");
}

static const struct call *find_call(long number)
{
	for (size_t i = 0; i < CALLS; i++)
		if (calls[i].number == number)
			return &calls[i];
	return NULL;
}

// Returns whether a descriptor is a regular file or a block device: something that can be found
// after a kill.
static int keeps(pid_t process, int descriptor)
{
	char path[64];
	struct stat status;
	snprintf(path, sizeof path, "/proc/%d/fd/%d", process, descriptor);
	return stat(path, &status) == 0 && (S_ISREG(status.st_mode) || S_ISBLK(status.st_mode));
}

// ioctls that change something: loop devices, write protection and discarding of block devices, and
// file systems' own (flags, growing, cloning) unless the request is read-only.
static int ioctl_changes(unsigned request)
{
	unsigned type = request >> 8 & 0xff, number = request & 0xff, direction = request >> 30;
	switch (type) {
	case 'L':
		return number == 0 || number == 1 || number == 4 || number == 6 || number == 7 || number == 10;
	case 0x12:
		return number == 93 || number == 119 || number == 125 || number == 127;
	case 'f':
	case 'X':
	case 0x94:
		return direction & 1;
	default:
		return 0;
	}
}

static int counts(const struct call *call, pid_t process, const struct user_regs_struct *registers, int fails)
{
	switch (call->rule) {
	case ALWAYS:
		return 1;
	case IF_FAILING:
		return fails;
	case FILE_IN_FIRST:
		return keeps(process, registers->rdi);
	case FILE_IN_THIRD:
		return keeps(process, registers->rdx);
	case OPENS_AT:
		return (registers->rdx & (O_CREAT | O_TRUNC)) != 0;
	case OPENS:
		return (registers->rsi & (O_CREAT | O_TRUNC)) != 0;
	case IOCTL:
		return ioctl_changes(registers->rsi);
	}
	return 0;
}

static void report(FILE *to, unsigned long count, const struct call *call, pid_t process, int descriptor)
{
	char path[64], name[64] = "?", target[4096] = "";
	snprintf(path, sizeof path, "/proc/%d/comm", process);
	FILE *file = fopen(path, "r");
	if (file) {
		if (fgets(name, sizeof name, file))
			name[strcspn(name, "\n")] = 0;
		fclose(file);
	}
	snprintf(path, sizeof path, "/proc/%d/fd/%d", process, descriptor);
	ssize_t length = call->rule == ALWAYS || call->rule == IF_FAILING ? -1 : readlink(path, target, sizeof target - 1);
	target[length < 0 ? 0 : length] = 0;
	fprintf(to, "%lu %s %s %s\n", count, call->name, name, target);
	fflush(to);
}

// Returns whether to go on.
static int await_line(void)
{
	char byte = 0;
	ssize_t length;
	while ((length = read(STDIN_FILENO, &byte, 1)) > 0 || (length < 0 && errno == EINTR))
		if (length > 0 && byte == '\n')
			return 1;
	return 0;
}

// The kernel makes no call with this number, and leaves the result as it is.
static void fail_call(pid_t process, struct user_regs_struct *registers)
{
	registers->orig_rax = -1;
	registers->rax = -EIO;
	if (ptrace(PTRACE_SETREGS, process, 0, registers))
		fail("registers");
}

static pid_t traced[4096];
static size_t traced_count;

static void remember(pid_t process)
{
	for (size_t i = 0; i < traced_count; i++)
		if (traced[i] == process)
			return;
	if (traced_count == sizeof traced / sizeof *traced) {
		errno = ENOSPC;
		fail("processes");
	}
	traced[traced_count++] = process;
}

static void forget(pid_t process)
{
	for (size_t i = 0; i < traced_count; i++)
		if (traced[i] == process)
			traced[i] = traced[--traced_count];
}

static void kill_all(void)
{
	for (size_t i = 0; i < traced_count; i++)
		kill(traced[i], SIGKILL);
	int status;
	pid_t process;
	while ((process = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR)
		if (process > 0 && WIFSTOPPED(status))
			kill(process, SIGKILL);
}

int main(int argc, char **argv)
{
	if (argc < 4) {
		fputs("usage: kill-at REPORT [NAME:]N|from:N|fail:[NAME:]N COMMAND...\n", stderr);
		return 125;
	}
	FILE *to = fopen(argv[1], "we");
	if (!to)
		fail(argv[1]);
	int waits = !strncmp(argv[2], "from:", 5);
	int fails = !strncmp(argv[2], "fail:", 5);
	const char *call_name = waits || fails ? argv[2] + 5 : argv[2];
	const char *colon = strchr(call_name, ':');
	size_t name_length = colon ? (size_t)(colon - call_name) : 0;
	unsigned long wanted = strtoul(colon ? colon + 1 : call_name, NULL, 10), count = 0, matching = 0;

	// The command waits until it is seized: SEIZE, unlike TRACEME, distinguishes a group stop
	// from a new process.
	int gate[2];
	if (pipe2(gate, O_CLOEXEC))
		fail("pipe2");
	pid_t command = fork();
	if (command < 0)
		fail("fork");
	if (command == 0) {
		char byte;
		close(gate[1]);
		if (read(gate[0], &byte, 1) != 1)
			_exit(125);
		if (waits) {
			int nothing = open("/dev/null", O_RDONLY);
			if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0)
				fail("/dev/null");
			close(nothing);
		}
		trace_calls_that_change();
		execvp(argv[3], argv + 3);
		fail(argv[3]);
	}
	long options = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
		       PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL;
	if (ptrace(PTRACE_SEIZE, command, 0, options))
		fail("ptrace");
	if (write(gate[1], "", 1) != 1)
		fail("write");
	remember(command);

	int status, ended = 125;
	pid_t process;
	while ((process = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		if (process < 0)
			continue;
		if (!WIFSTOPPED(status)) {
			forget(process);
			if (process == command)
				ended = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			continue;
		}
		remember(process);
		int event = status >> 16, signal = 0;
		if (event == PTRACE_EVENT_SECCOMP) {
			struct user_regs_struct registers;
			if (ptrace(PTRACE_GETREGS, process, 0, &registers)) {
				if (errno == ESRCH)
					continue;
				fail("registers");
			}
			const struct call *call = find_call(registers.orig_rax);
			if (call && counts(call, process, &registers, fails)) {
				report(to, ++count, call, process,
				       call->rule == FILE_IN_THIRD ? registers.rdx : registers.rdi);
				int matches = !colon || (strlen(call->name) == name_length && !strncmp(call->name, call_name, name_length));
				matching += matches;
				if (fails) {
					if (matches && matching == wanted)
						fail_call(process, &registers);
				} else if (waits ? count >= wanted && !await_line() : wanted && matching == wanted) {
					kill_all();
					return 137;
				}
			}
		} else if (event == PTRACE_EVENT_STOP) {
			// A group stop (SIGSTOP and the like) stays one; the start of a new process goes on.
			int stopping = WSTOPSIG(status);
			if (stopping == SIGSTOP || stopping == SIGTSTP || stopping == SIGTTIN || stopping == SIGTTOU) {
				ptrace(PTRACE_LISTEN, process, 0, 0);
				continue;
			}
		} else if (event == 0) {
			signal = WSTOPSIG(status);
		}
		ptrace(PTRACE_CONT, process, 0, signal);
	}
	return ended;
}
