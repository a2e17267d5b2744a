# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154 # work and data are of lib.sh
# Sourced behind lib.sh by what is tested in a terminal: tmux is the terminal, on a socket of its own.
#
# One terminal at a time. Nothing is slept for: what a key does is waited for on the screen, until TERM_WAIT.
TERM_WAIT=${TERM_WAIT-20} # seconds; far more than any machine should need
export LC_ALL=C.UTF-8 TZ=UTC
unset COLORFGBG TMUX
trap 'term_end; rm -rf "$work"' EXIT
echo 'set -g status off; set -g escape-time 0; set -g remain-on-exit off' >"$work/tmux.conf"

on_tmux() { tmux -u -S "$work/tmux" -f "$work/tmux.conf" "$@"; }

# Inside: COMMAND under job control, as a shell has it, and what the terminal was before and after.
# shellcheck disable=SC2016,SC2034 # the inner shell's
term_inside='ulimit -c 0
	stty -g >"$0.before"; echo "it begins"; "$@"; status=$?
	while [ -n "$(jobs -sp)" ]; do
		stty -g >"$0.stopped"; echo "it is stopped"; read -r _; fg %1 >"$0.fg"; status=$?
	done
	stty -g >"$0.after"; echo "it left with $status"; read -r _'

# term_start WIDTH HEIGHT COMMAND...: on a terminal of that size
term_start() {
	local width=$1 height=$2
	shift 2
	term_end
	rm -f "$work"/tty.*
	on_tmux new-session -d -x "$width" -y "$height" bash -m -c "$term_inside" "$work/tty" "$@"
	term_pid=$(term_tells '#{pane_pid}')
}

# gone PID: it has ended; whoever is to wait for it may not have yet
gone() { ! grep -qs '^State:.[^ZX]' "/proc/$1/status"; }
# term_end: whatever runs there loses its terminal
term_end() {
	[ -S "$work/tmux" ] || return 0
	on_tmux kill-server 2>"$work/tmux.err"
	until_true "$TERM_WAIT" gone "$term_pid"
	rm -f "$work/tmux"
}

# term_keys KEY...: tmux's names: Down F1 C-l a; an Escape must be the last one
term_keys() { on_tmux send-keys "$@"; }
# term_bytes TEXT: as they are
term_bytes() { on_tmux send-keys -l "$1"; }
term_resize() { on_tmux resize-window -x "$1" -y "$2"; } # WIDTH HEIGHT
term_text() { on_tmux capture-pane -p; }
# term_styled: with the escape sequences of colours and the like
term_styled() { on_tmux capture-pane -p -e; }
term_tells() { on_tmux display-message -p "$1"; } # term_tells FORMAT: see FORMATS in tmux(1)
# term_command: the process of what runs there
term_command() { pgrep -P "$term_pid" | head -1; }

# term_click X Y [BUTTON [TIMES]]: at a place, from 0 on, as the program has asked to be told; 64, 65: the wheel
term_click() {
	local x=$(($1 + 1)) y=$(($2 + 1)) button=${3-0} times=${4-1} bytes=()
	if [ "$(term_tells '#{mouse_sgr_flag}')" = 1 ]; then
		term_bytes "$(for _ in $(seq "$times"); do printf '\e[<%s%c' "$button;$x;$y" M "$button;$x;$y" m; done)"
		return
	fi
	x=$(printf '%x' $((x + 32))) y=$(printf '%x' $((y + 32))) button=$(printf '%x' $((button + 32)))
	for _ in $(seq "$times"); do
		bytes+=(1b 5b 4d "$button" "$x" "$y")
		[ "${3-0}" -ge 64 ] || bytes+=(1b 5b 4d 23 "$x" "$y")
	done
	term_hex "${bytes[@]}"
}
term_hex() { on_tmux send-keys -H "$@"; }

shown() { term_text | grep -E -q -- "$1"; }
not_shown() { ! shown "$1"; }

# shows NAME PATTERN: the screen has it, soon
shows() {
	if until_true "$TERM_WAIT" shown "$2"; then
		ok "$1"
	else
		not_ok "$1" "no '$2' in:"
		term_text
	fi
}

# shows_not NAME PATTERN: it has it not, soon
shows_not() {
	if until_true "$TERM_WAIT" not_shown "$2"; then
		ok "$1"
	else
		not_ok "$1" "there is '$2' in:"
		term_text
	fi
}

# The screen, when it has not changed for a while: to write a file anew, never to compare.
term_settled() {
	local same=0
	while [ $same -lt 10 ]; do
		term_text >"$work/now"
		cmp -s "$work/now" "$work/settled" && same=$((same + 1)) || same=0
		mv "$work/now" "$work/settled"
		sleep 0.04
	done
	cat "$work/settled"
}

# picture FILE TITLE: a screen of that file, which has several, each behind its title
picture() { awk -v title="=== $2" '$0 == title { on = 1; next } /^=== / { on = 0 } on' "$1"; }
looks() { term_text | cmp -s - "$work/picture"; }

# pictured NAME FILE TITLE: the screen becomes what tests/data has so
declare -A term_written=()
pictured() {
	local file=$data/$2
	if [ -n "${SYSGATE_UPDATE-}" ] && [ -z "${term_written[$2 $3]-}" ]; then
		[ -n "${term_written[$2]-}" ] || : >"$file"
		term_written[$2]=1 term_written[$2 $3]=1
		{ echo "=== $3"; term_settled; } >>"$file"
	fi
	picture "$file" "$3" >"$work/picture"
	if until_true "$TERM_WAIT" looks; then
		ok "$1"
	else
		not_ok "$1" "differs from '$3' of $file"
		term_text | diff -u "$work/picture" -
	fi
}

# restored NAME STATUS: what ran has left with it, and the terminal is as it was before
#
# To be asked for at the size that it began with: tmux mixes the two screens where that has changed, whatever ran.
restored() {
	local state
	until_true "$TERM_WAIT" shown '^it left with' || {
		not_ok "$1" "it has not left"
		term_text
		return
	}
	state=$(term_tells '#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{keypad_cursor_flag}')
	if ! shown "^it left with $2\$"; then
		not_ok "$1" "$(term_text | grep '^it left with'), not $2"
	elif ! cmp -s "$work/tty.before" "$work/tty.after"; then
		not_ok "$1" "modes are $(cat "$work/tty.after"), were $(cat "$work/tty.before")"
	elif [ "$state" != "0 1 0 0" ]; then
		not_ok "$1" "alternate screen, cursor, mouse, keypad: $state"
	elif [ "$(term_text | head -1)" != "it begins" ]; then
		not_ok "$1" "the screen begins with '$(term_text | head -1)'"
	else
		ok "$1"
	fi
}

# The keys of sysgate top, by tmux's names, as its table has them
top_keys() {
	sed -n "/ keys\\[\\] = {/,/^};/s/^\t{ \(.*\), TOP_[A-Z_]*, [A-Z_0-9]* },\$/\1/p" tools/top/keys.c | sed \
		-e "s/^TOP_KEY_CTRL('\(.\)')/C-\1/" -e "s/^F(\([0-9]*\))/F\1/" -e "s/^' '/Space/" \
		-e "s/^'\\\\\\\\'/\\\\/" -e "s/^'\(.\)'/\1/" -e 's/^TOP_KEY_PAGE_UP/PPage/' \
		-e 's/^TOP_KEY_PAGE_DOWN/NPage/' -e 's/^TOP_KEY_BACK_TAB/BTab/' \
		-e 's/^TOP_KEY_BACKSPACE/BSpace/' -e 's/^TOP_KEY_\(.\)\(.*\)/\1\L\2/'
}

# top_drive: presses each key but those that quit, and what leads back to a list
top_drive() {
	local key
	while read -r key; do
		case $key in
		F10 | q) ;;
		F2 | s) term_keys "$key" C-u Enter ;;
		F4 | / | \\) term_keys "$key" x Enter BSpace ;;
		F6 | '<' | '>' | , | .) term_keys "$key" Down F6 ;;
		F1 | '?' | h) term_keys "$key" Up ;;
		Escape) # by itself: with another key behind it, it would be part of that
			term_keys / x "$key"
			until_true "$TERM_WAIT" not_shown '^Filter:' || return 1
			;;
		*) term_keys "$key" ;;
		esac
	done < <(top_keys)
	term_keys 1 BSpace BSpace BSpace l t Home
	until_true "$TERM_WAIT" top_whole
}

# top_whole: a frame from its first line to its last, of the calls
top_whole() {
	term_text >"$work/frame"
	[ "$(wc -l <"$work/frame")" = "$(term_tells '#{pane_height}')" ] &&
		sed -n 1p "$work/frame" | grep -Eq '^sysgate top  .* [0-9:]{8}$' &&
		sed -n 2p "$work/frame" | grep -Eq '^[0-9.,]+ calls/s  ' &&
		sed -n 3p "$work/frame" | grep -Eq '^ Calls  Gates  In flight [0-9]+  Losses  .*by time' &&
		sed -n 4p "$work/frame" | grep -Eq '^CALL .* CALLS/s ' &&
		tail -1 "$work/frame" | grep -q '^F1Help .* F10Quit$'
}
