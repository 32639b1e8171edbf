# Common parts of judge-create and judge-grow: $program works on the store at $at, which is mounted
# from $host. The kernel's messages are printed if $own_kernel says that nobody else causes any.
mkdir -p /run/judged /run/inside
[ -z "$own_kernel" ] || dmesg -c > /dev/null

# names KEY: the names in the directory. Like all of this it starts few programs, which takes long in
# an emulated guest.
names() {
  key=$1 && shift
  for path in $at/* $at/.[!.]*; do
    case ${path##*/} in
      '*' | '.[!.]*' | lost+found | sysresccd) ;;
      *) set -- "$@" "${path##*/}" ;;
    esac
  done
  echo "$key" "$@"
}

is_readonly() {
  while read -r _ target _ options _; do
    case $target:$options in "$at:ro" | "$at:ro,"*) return 0 ;; esac
  done < /proc/mounts
  return 1
}

# try KEY ARGUMENT...: runs the program, and once more if the kernel made the host read-only
# meanwhile, as it does with a FAT file system in which it has found an error; the line "refused" is
# what the user was told then.
try() {
  key=$1 && shift
  for round in 1 2; do
    said=$($program "$@" 2>&1)
    status=$?
    is_readonly || break
    echo refused $status $said
    mount -o remount,rw $at
  done
  echo $key $status $said
}

# look KEY: the size of the store, how many of its files are unchanged, and e2fsck's complaints.
look() {
  [ -e $at/sysrcd.bs ] || { echo $1 none; return; }
  files=0
  if mount -t ext4 -o loop,noinit_itable $at/sysrcd.bs /run/inside; then
    [ -e /run/inside/upperdir/sums ] && files=$(cd /run/inside/upperdir && sha256sum -c sums 2>&1 | grep -c ': OK$')
    umount /run/inside
  fi
  said=$(e2fsck -f -n $at/sysrcd.bs 2>&1) && said=whole
  echo $1 $(stat -c %s $at/sysrcd.bs) $files $said
}

leave() {
  echo other $(sha256sum < $at/other.txt)
  umount $at
  [ -z "$own_kernel" ] || echo kernel $(dmesg | grep -i 'error' | sed 's/^\[[^]]*\] //')
}
