#!/bin/busybox sh
# Lists directories of a root so that two listings are equal when the trees are: list-tree ROOT DIRECTORY...
# One line for each file, sorted: kind, path, mode, owner, then size and digest, or what a link points to.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
cd "$1" && shift
for directory; do find ".$directory" -xdev; done | sort | while IFS= read -r path; do
  if [ -L "$path" ]; then echo "link $path $(readlink "$path")"
  elif [ -d "$path" ]; then echo "directory $path $(stat -c '%a %u %g' "$path")"
  elif [ -f "$path" ]; then echo "file $path $(stat -c '%a %u %g %s' "$path") $(sha256sum < "$path" 2>&1 | cut -c1-64)"
  else echo "other $path $(stat -c '%F %a %u %g' "$path")"
  fi
done
