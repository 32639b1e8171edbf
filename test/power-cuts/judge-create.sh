# What a power failure left of "backstore create", and what the next run does with it: judge-create
# HOST TYPE MEGABYTES PROGRAM, with HOST the device that the store is created on. Lines: "KEY
# VALUE". For a shell that may be busybox's.
host=$1 type=$2 megabytes=$3 program=$4
at=/run/judged
. /run/judge-common
mount -t "$type" "$host" $at || exit
names names
look store
try next create $at "$megabytes"
names names-after
look store-after
leave
