# What a power failure left of "backstore grow", and what the next runs do with it: judge-grow HOST
# TYPE FROM TO PROGRAM, with HOST the device that the store is on, and the sizes in megabytes.
# Lines: "KEY VALUE". For a shell that may be busybox's.
host=$1 type=$2 from=$3 to=$4 program=$5
at=/run/judged
. /run/judge-common
mount -t "$type" "$host" $at || exit
names names
try recovery grow $at "$from"
names names-recovered
look store
try next grow $at "$to"
names names-after
look store-after
leave
