# /backstore-linux-live.sh: sourced into the init of linux-live (Slax), by the last line that this
# program adds to /lib/livekitlib, or by rootcopy/run/preinit.sh on the medium. The root is whole when
# init pivots to it; /proc and /sys are unmounted by then, and its /run is another one. See
# backstore-addon(7).
pivot_root() {
	mount -t proc proc /proc
	mount -t sysfs sysfs /sys
	/backstore-init takeover "$PWD"
	cd "$PWD"
	/backstore-init settle "$PWD/run" /
	umount /proc /sys
	command pivot_root "$@"
}
