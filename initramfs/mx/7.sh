# /live/custom/MX/7.sh and /live/custom/antiX/7.sh: sourced by the init of MX and antiX when the root
# is whole, and again just before init hands over, when the root has a /run of its own. See
# backstore-addon(7).
if [ -z "$backstore_called" ]; then
	backstore_called=true
	# It keeps changes itself, in memory that is saved at the end.
	/backstore-init takeover "$NEW_ROOT" ${PERSIST_ROOT:+kept}
else
	/backstore-init settle "$NEW_ROOT/run" "$NEW_ROOT$FINAL_DIR"
fi
