# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by the entries: what they print, their scene's files and processes, and the end of both.
#
# An entry works in a folder of its own, into which it brings its scene's programs. It goes with it.
set -uo pipefail
entry=$0 # as it was called
arguments=$*
recipes=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=$(realpath -m "${1:-$recipes/../../build}")/sysgate
work=$(mktemp -d)
shown=$work/.shown
scene=() # process ids

end() {
	local pid
	leave_scene
	for pid in "${scene[@]}"; do
		kill "$pid"
		wait "$pid"
	done 2>/dev/null
	rm -rf "$work"
}
leave_scene() { :; } # for an entry that has more to put away
trap end EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Prints a text, at most 79 columns wide: paragraph TEXT [FIRST-WORDS]
paragraph() { fold -s -w 78 <<<"${2-}$1" | sed 's/ *$//'; }
# cannot WHY NEXT-STEP: leaves with 3
cannot() {
	paragraph "$1" "${entry##*/}: " >&2
	paragraph "$2" "next: " >&2
	exit 3
}
failed() {
	paragraph "$1" "${entry##*/}: " >&2
	exit 1
}

need() { # need PROGRAM PACKAGE
	command -v "$1" >/dev/null || cannot "there is no $1" "apt-get install $2"
}
need_root() { # need_root WHAT-FOR
	[ "$(id -u)" -eq 0 ] || cannot "$1 needs root" "sudo $entry${arguments:+ $arguments}"
}
# For what sysgate's kernel module alone can tell.
need_module() {
	local state
	need_root "counting calls"
	state=$(sysgate doctor -o json | jq -c '.engines[] | select(.name == "kmod")')
	[ "$(jq .works <<<"$state")" = false ] || return 0
	cannot "this needs sysgate's kernel module: $(jq -r .why <<<"$state")" \
		"$(jq -r '.enable // "sysgate doctor"' <<<"$state"); what such a machine answers is in $entry.out"
}

bring() { # bring FILE..: programs of the scene, by their names without what follows the dot
	local file
	for file; do
		install -m 755 "$recipes/scene/$file" "$work/${file%.*}" || exit 3
	done
}
build() { # build FILE.c FLAG.. -o NAME: a program of the scene
	need cc gcc
	cc -O1 -g "-ffile-prefix-map=$recipes/scene/=" "$recipes/scene/$1" "${@:2}" || cannot "the scene's ${*: -1} does not build" "apt-get install gcc libc6-dev"
}
# shellcheck disable=SC2034 # said is for the entries
# Starts a program of the scene, which says that it is ready by a line: that is in $said.
begin() { # begin PROGRAM ARGUMENT..
	mkfifo "$work/says"
	"$@" >"$work/says" &
	scene+=($!)
	read -r said <"$work/says" || failed "$1 did not start"
	rm "$work/says"
}

story() { # story TEXT: what the question is, and the scene
	sed -n 's/^# title: //p' "$recipes/${entry##*/}"
	echo
	paragraph "$1"
}
# Shows a command line, as one would type it, and runs it: try 'LINE'
try() {
	echo
	echo "\$ $1"
	eval "$1"
}
# The same of one that counts, and leaves with STATUS; what it printed stays in $shown: count 'LINE' [STATUS]
count() {
	local status
	echo
	echo "\$ $1"
	need_root "counting calls"
	eval "$1" | tee "$shown"
	status=$?
	[ $status -eq "${2-0}" ] || failed "the counting left with $status"
}
reading() { # reading TEXT: how the output is read
	echo
	paragraph "$1" "How to read it: "
}
answer() { # answer TEXT
	paragraph "$1" "=> "
}

[ -x "$program" ] || program=$(type -P sysgate) || cannot "there is no sysgate" "make, or make install"
sysgate() { "$program" "$@"; }
# What is printed fits 80 columns, also where it is not a terminal.
export COLUMNS=80
cd "$work" || exit 3
