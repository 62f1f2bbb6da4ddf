#!/usr/bin/env bash
# Runs a command under a private X display and a private session bus with an unlocked keychain; all of it ends with the command.
set -euo pipefail
scratch=$(mktemp -d)
Xvfb -displayfd 3 -screen 0 1440x900x24 -nolisten tcp 3>"$scratch/display" 2>"$scratch/xvfb.log" &
xvfb=$!
cleanup() {
  kill "$xvfb" 2>/dev/null || true
  wait "$xvfb" 2>/dev/null || true
  rm -rf "$scratch"
}
trap cleanup EXIT
for _ in $(seq 200); do
  [ -s "$scratch/display" ] && break
  kill -0 "$xvfb" 2>/dev/null || { cat "$scratch/xvfb.log" >&2; exit 1; }
  sleep 0.05
done
DISPLAY=":$(cat "$scratch/display")"
export DISPLAY
unset WAYLAND_DISPLAY
mkdir -p "$scratch/home"
# The keychain must be unlocked before anybody asks for it; its files live in the scratch folder.
# shellcheck disable=SC2016 # expanded by the inner shell
dbus-run-session -- bash -c 'printf practice | HOME="$1/home" XDG_DATA_HOME="$1/home" gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1 || true; shift; exec "$@"' bash "$scratch" "$@"
