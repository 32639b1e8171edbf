#!/bin/busybox sh
# Lists directories of a root so that two listings are equal when the trees are: list-tree ROOT DIRECTORY...
# Sorted lines for each file: kind, path, mode, owner, size; its digest; what a link points to.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
cd "$1" && shift
for directory; do
  shift
  set -- "$@" ".$directory"
done
{
  find "$@" -xdev -type d -exec stat -c 'directory %n %a %u %g' {} +
  find "$@" -xdev -type f -exec stat -c 'file %n %a %u %g %s' {} +
  find "$@" -xdev -type f -exec sha256sum {} + 2>&1
  find "$@" -xdev -type l -exec stat -c 'link %N' {} +
  find "$@" -xdev ! -type d ! -type f ! -type l -exec stat -c 'other %n %F %a %u %g' {} +
} | sort
