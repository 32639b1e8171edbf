# /live/custom/MX/i.sh and /live/custom/antiX/i.sh: sourced by the init of MX and antiX just before it
# hands over. /run is another one by then. See backstore-addon(7).
/backstore-init settle "$NEW_ROOT/run" "$NEW_ROOT$FINAL_DIR"
