#!/bin/busybox sh
# The first program of the tiny base. It prints facts on the second serial port, does what the actions disk says, and
# decides nothing: one JSON object a line, {"kind", "name", "text"}, the latter two in base64 so that nothing needs quoting.

read -r uptime rest < /proc/uptime 2>/dev/null
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
port=/dev/ttyS1

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

for pair in proc:/proc sysfs:/sys devtmpfs:/dev tmpfs:/run; do
  grep -qs " ${pair#*:} " /proc/mounts || mount -t "${pair%%:*}" "${pair%%:*}" "${pair#*:}"
done
stty -F $port raw 115200 2>/dev/null
exec 3> $port

echo "${uptime:-unknown}" | say uptime
say mounts < /proc/mounts
say cmdline < /proc/cmdline
echo "$0 $*" | say init
[ -e /run/backstore/boot.json ] && say boot < /run/backstore/boot.json
dmesg | grep -i backstore | say kernel-log

for disk in /sys/block/*; do
  if [ "$(cat "$disk/serial" 2>/dev/null)" = actions ]; then
    cat "/dev/${disk##*/}" > /run/actions
    . /run/actions
  fi
done

sync
echo end | say end
exec 3>&-
poweroff -f
