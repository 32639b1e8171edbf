/* Says who a program is run as: "identity" prints its effective user, and "identity PROGRAM..." runs
 * a program as a user without any rights. A guest's busybox gives up what a setuid bit would give. */
#include <grp.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
    const int nobody = 65534;
    if (argc == 1) return printf("user %d\n", (int)geteuid()) < 0;
    if (setgroups(0, NULL) || setgid(nobody) || setuid(nobody)) return 126;
    execv(argv[1], argv + 1);
    perror(argv[1]);
    return 127;
}
