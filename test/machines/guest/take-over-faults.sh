#!/bin/busybox sh
# take-over-faults.sh TOOLS MEDIUM: lets the program take over a root like dracut's, again and again, each in a mount
# namespace of its own and with another system call that fails. Prints one line for each:
# NUMBER SESSION UPPER BELOW EARLY WRITES REASON CALL
# the fault, the session in boot.json, the upper directory of the root, the source of the mount below it, a file that was
# written before, whether it can be written to, whether boot.json says why, and the call.
tools=$1 medium=$2

attempt() {
  # As systemd has them: what is unmounted goes from copies as well.
  mount --make-rshared /
  mount -t tmpfs run /run
  mkdir -p /run/initramfs/live /run/rootfsbase /run/overlayfs /run/ovlwork /sysroot
  mount -r -t iso9660 "$medium" /run/initramfs/live
  mount -r -o loop -t squashfs /run/initramfs/live/LiveOS/squashfs.img /run/rootfsbase
  mount -t overlay -o lowerdir=/run/rootfsbase,upperdir=/run/overlayfs,workdir=/run/ovlwork LiveOS_rootfs /sysroot
  echo early > /sysroot/etc/early
  mount --bind /run/initramfs/live /sysroot/mnt
  # A directory for each, so that each is a first session.
  echo "cow_label=store cow_directory=fault-$1" > /run/cmdline
  mount --bind /run/cmdline /proc/cmdline
  cp "$tools/backstore-init" /run
  "$tools/kill-at" "$calls/$1" "fail:$1" /run/backstore-init takeover /sysroot > /run/said 2>&1

  session=none reason=no upper=none below=none early=none writes=no call=none
  [ ! -e /run/backstore/boot.json ] || while read -r line; do
    case $line in
      *'"session": "'*) session=${line#*'"session": "'} session=${session%%'"'*} ;;
      *'I/O error'*) reason=yes ;;
    esac
  done < /run/backstore/boot.json
  while read -r source target type options rest; do
    case $target in
      /sysroot) upper=${options#*upperdir=} upper=${upper%%,*} ;;
      /sysroot/mnt) below=$source ;;
    esac
  done < /proc/mounts
  read -r early < /sysroot/etc/early
  if echo new > /sysroot/srv/new; then writes=yes; fi
  while read -r number name program path; do
    [ "$number" != "$1" ] || call="$name $path"
  done < "$calls/$1"
  echo "$1 $session $upper $below $early $writes $reason $call"
}

isolated() {
  unshare --mount --propagation private "$0" "$tools" "$medium" "$calls" "$1"
}

calls=$3
if [ -n "$4" ]; then
  attempt "$4"
  exit
fi
calls=/tmp/calls
mkdir -p "$calls"
# The first one makes what the others find on the disk, by calls that they do not have.
isolated 1000 > /dev/null
isolated 0
# What the verdict writes is the same in every boot.
writes_verdict=
while read -r number name program path; do
  case $path in
    /run/backstore | /run/backstore/*) writes_verdict=yes ;;
    /run/initramfs | /run/initramfs/*) writes_verdict= ;;
  esac
  [ -n "$writes_verdict" ] || isolated "$number"
done < "$calls/0"
