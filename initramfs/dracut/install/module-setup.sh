#!/bin/bash
# /usr/lib/dracut/modules.d/95backstore/module-setup.sh: sourced by dracut, which puts the program and
# its hook into the initramfs if the module is asked for ("--add backstore"). See backstore-addon(7).

find_backstore() (
	PATH=$PATH:/usr/local/sbin:/usr/local/bin
	command -v backstore
)

check() {
	find_backstore >/dev/null || return 1
	return 255
}

depends() {
	echo base
}

installkernel() {
	instmods overlay loop
}

install() {
	inst "$(find_backstore)" /backstore-init
	inst_hook pre-pivot 95 "$moddir/backstore.sh"
}
