# How a guest tells facts, for the tiny base and for the demo's live system: one JSON object a line on the second
# serial port, {"kind", "name", "text"}, the latter two in base64 so that nothing needs quoting. Sourced by POSIX shells.

# open_port, close_port: the first and the last thing that a guest says; what comes without an end was cut off.
open_port() {
  stty -F /dev/ttyS1 raw 115200 2>/dev/null
  exec 3> /dev/ttyS1
}
close_port() {
  echo end | say end
  exec 3>&-
}

# say KIND [NAME]: a fact, its text from stdin.
say() {
  text=$(base64 -w0)
  printf '{"kind":"%s","name":"%s","text":"%s"}\n' "$1" "$(printf %s "$2" | base64 -w0)" "$text" >&3
}

# say_files PATH...: what is in each file, or that it is missing.
say_files() {
  for path; do
    if [ -e "$path" ]; then say file "$path" < "$path"; else echo missing | say missing "$path"; fi
  done
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

# say_session: what the boot left behind.
say_session() {
  say mounts < /proc/mounts
  say cmdline < /proc/cmdline
  [ -e /run/backstore/boot.json ] && say boot < /run/backstore/boot.json
  dmesg | grep -i backstore | say kernel-log
  [ -e /run/motd.d/backstore ] && say motd < /run/motd.d/backstore
  [ -e /run/issue.d/backstore.issue ] && say issue < /run/issue.d/backstore.issue
  return 0
}

# do_actions: runs the script on the disk whose serial name is "actions".
do_actions() {
  for disk in /sys/block/*; do
    if [ "$(cat "$disk/serial" 2>/dev/null)" = actions ]; then
      cat "/dev/${disk##*/}" > /run/actions
      . /run/actions
    fi
  done
}
