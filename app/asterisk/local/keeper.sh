#!/bin/sh
# Runs a program that must not outlive the process that started this script.
#
#   keeper.sh PIDFILE FOLDER PROGRAM ARGUMENTS...
#
# Standard input is a pipe that nobody writes to. When it ends, because it was closed or because whoever held it is
# gone (kill -9 included), the program is ended: asked first, and after three seconds killed. PIDFILE says the program's
# number while it runs; FOLDER, its temporary files, is removed at the end.
pidfile=$1
folder=$2
shift 2

# Each call takes a few files; the usual limit of 1024 is too low for a hundred calls.
ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -H -n)" 2>/dev/null

exec 3<&0
"$@" </dev/null 3<&- &
program=$!
echo "$program" >"$pidfile.part" && mv "$pidfile.part" "$pidfile"
trap 'kill -TERM "$program" 2>/dev/null' TERM INT HUP

(
  trap - TERM INT HUP
  read -r _ <&3
  kill -TERM "$program" 2>/dev/null
  tenths=0
  while [ "$tenths" -lt 30 ] && kill -0 "$program" 2>/dev/null; do
    sleep 0.1
    tenths=$((tenths + 1))
  done
  kill -KILL "$program" 2>/dev/null
) >/dev/null 2>&1 &
watcher=$!
exec 3<&-

# A trapped signal ends `wait` early; the program may still be on its way down.
while :; do
  wait "$program"
  status=$?
  kill -0 "$program" 2>/dev/null || break
done
kill "$watcher" 2>/dev/null
rm -f "$pidfile"
rm -rf "$folder"
exit "$status"
