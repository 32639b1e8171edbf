# What a power cut left of "backstore create", and what the next run makes of it: judge-create HOST TYPE MEGABYTES PROGRAM,
# with HOST the device that the store is made on. Lines: "KEY VALUE". For a shell that may be busybox's.
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
