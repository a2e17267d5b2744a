# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by the tests beside it: what sysgate prints, against what it printed before.
#
# SYSGATE_UPDATE=1 writes the expected files anew; look at the difference before it is committed.
set -u
export NO_COLOR=1
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 2
export sysgate=${SYSGATE_BUILD:-build}/sysgate
export data=tests/data
work=$(mktemp -d)
export work
trap 'rm -rf "$work"' EXIT
export failed=0

ok() { echo "ok ${0##*/}: $1"; }
not_ok() { # not_ok NAME WHY
	echo "not ok ${0##*/}: $1: $2"
	failed=1
}

# golden NAME FILE COMMAND...: its output is FILE's, and it leaves with 0
golden() {
	local name=$1 want=$data/$2 status
	shift 2
	"$@" >"$work/got" 2>"$work/err"
	status=$?
	[ -z "${SYSGATE_UPDATE-}" ] || cp "$work/got" "$want"
	if [ $status -ne 0 ]; then
		not_ok "$name" "left with $status: $(head -1 "$work/err")"
	elif ! diff -u "$want" "$work/got"; then
		not_ok "$name" "differs from $want"
	else
		ok "$name"
	fi
}

# refused NAME STATUS PATTERN COMMAND...: it leaves with STATUS and says PATTERN, and prints nothing
refused() {
	local name=$1 want=$2 pattern=$3 status
	shift 3
	"$@" >"$work/got" 2>"$work/err"
	status=$?
	if [ $status -ne "$want" ]; then
		not_ok "$name" "left with $status, not $want: $(head -1 "$work/err")"
	elif ! grep -q -- "$pattern" "$work/err"; then
		not_ok "$name" "says: $(head -1 "$work/err")"
	elif [ -s "$work/got" ]; then
		not_ok "$name" "prints: $(head -1 "$work/got")"
	else
		ok "$name"
	fi
}

# holds NAME COMMAND...: it leaves with 0
holds() {
	local name=$1
	shift
	if "$@" >"$work/got" 2>&1; then
		ok "$name"
	else
		not_ok "$name" "$(tail -1 "$work/got")"
	fi
}
