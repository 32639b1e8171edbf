# How a guest tells facts, for the tiny base and for the demo's live system, on the second serial port (tell.c says in
# which form). Sourced by POSIX shells. Each process costs a guest time, so facts are told by one where that is possible.

# open_port, close_port: the first and the last thing that a guest says; what comes without an end was cut off.
open_port() {
  stty -F /dev/ttyS1 raw 115200 2>/dev/null
  exec 3> /dev/ttyS1
}
close_port() {
  # "end" in base64.
  echo '{"kind":"end","name":"","text":"ZW5kCg=="}' >&3
  exec 3>&-
}

# say KIND [NAME]: a fact, its text from stdin.
say() {
  tell "$1" "$2" -
}

# say_files PATH...: what is in each file, or that it is missing.
say_files() {
  for path; do
    shift
    set -- "$@" file "$path" "$path"
  done
  tell "$@"
}

# say_list DIRECTORY...: the names in each.
say_list() {
  for path; do ls -A "$path" 2>/dev/null | say list "$path"; done
}

# say_tree DIRECTORY...: all that lies in them, as list-tree tells it.
say_tree() {
  list-tree / "$@" | say tree
}

# say_done NAME COMMAND...: what a command wrote and how it ended.
say_done() {
  name=$1 && shift
  { "$@" 2>&1; echo "status $?"; } | say done "$name"
}

# say_session UPTIME: what the boot left behind, and how long the kernel had been running then.
say_session() {
  dmesg | grep -i backstore | tell uptime '' "=$1" kernel-log '' - mounts '' /proc/mounts cmdline '' /proc/cmdline \
    boot '' /run/backstore/boot.json motd '' /run/motd.d/backstore issue '' /run/issue.d/backstore.issue
}

# do_actions: runs the script on the disk whose serial name is "actions".
do_actions() {
  for serial in /sys/block/*/serial; do
    # A serial name may have no end of line.
    read -r name 2>/dev/null < "$serial" || :
    disk=${serial%/serial}
    [ "$name" != actions ] || . "/dev/${disk##*/}"
  done
}
