# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by the tests of the cli, live and vm tiers.
#
# SYSGATE_UPDATE=1 writes the expected files anew; look at the difference before it is committed.
set -u
export NO_COLOR=1
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
export sysgate=${SYSGATE_BUILD:-build}/sysgate
export data=tests/data
export workload=${SYSGATE_BUILD:-build}/tests/workload
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
		not_ok "$name" "$(grep -m1 -E '^not ok|runtime error:|ERROR: ' "$work/got" || tail -1 "$work/got")"
	fi
}

# The tracefs instances of sysgate that there are, a name a line. Looks through a private mount.
instances() {
	# shellcheck disable=SC2016 # the inner shell's
	unshare -m sh -c 'mount -t tracefs none "$1" && ls "$1"/instances' - "$work/tracefs" |
		grep '^sysgate-'
}
mkdir "$work/tracefs"

# until_true SECONDS COMMAND...: until it succeeds; 1 when it does not in time
until_true() {
	local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000)) # of SECONDS the last one may be short
	shift
	until "$@" 2>/dev/null; do
		[ "${EPOCHREALTIME/[.,]/}" -lt "$end" ] || return 1
		sleep 0.02 # not read -t: before 5.2 bash may miss the signal that ends it
	done
}

# counting PID: that run's entries are on. One that was just started is not yet there.
counting() {
	# shellcheck disable=SC2016
	unshare -m sh -c 'mount -t tracefs none "$1" &&
		grep -q 1 "$1"/instances/sysgate-"$2"-*/events/raw_syscalls/sys_enter/enable' \
		- "$work/tracefs" "$1"
}

# in_call PID NUMBER: the process sleeps in that call
in_call() { [ "$(cut -d' ' -f1 "/proc/$1/syscall")" = "$2" ]; }

# For awk -F, on CSV files: columns are found by their names, $at["abi"].
# shellcheck disable=SC2034,SC2016 # for those that source it; awk's
named='FNR == 1 { split("", at); for (i = 1; i <= NF; i++) at[$i] = i; next }'

# in_vm TARGET LABEL RUN-OPTION... -- COMMAND...: runs it in the target's VM, unless KERNELS leaves that out
#
# Its lines are this test's, of the target and LABEL, and stay in $work/out; a lost VM is a failure of its own.
in_vm() {
	local name="$1${2:+ $2}" target=$1 start=$SECONDS
	shift 2
	case " ${KERNELS:-$target} " in
	*" $target "*) ;;
	*) return ;;
	esac
	echo "## $name"
	tests/vm/run -k "$target" --timeout 2400 "$@" |
		sed -u "s/^\\(ok\\|not ok\\|skip\\) [a-z-]*: /\\1 $name: /" | tee "$work/out"
	case ${PIPESTATUS[0]} in
	0) ;;
	1) failed=1 ;;
	*) not_ok "$name" "the VM left with ${PIPESTATUS[0]}" ;;
	esac
	echo "## $name: $((SECONDS - start)) s"
}

# at_most FILE MODE BOUND UNIT WHAT: of a measurement, FILE, the line "MODE added N", or took, has no more
at_most() {
	local n
	n=$(awk -v mode="$2" '$1 == mode && $2 ~ /^(added|took)$/ { print $3 + 0 }' "$1")
	holds "$5 at most $3 $4: $n" test "${n:-0}" -gt 0 -a "${n:-0}" -le "$3"
}

# note_seen FILE...: keeps what those CSV files, which were right, show of this kernel
note_seen() {
	awk -F, "$named"'
		{ seen["gate " $at["gate"]] }
		"exit" in at { seen["exit " $at["exit"]] }
		{ for (name in at) if (name ~ /^exit_/ && $at[name] > 0) seen["exit " substr(name, 6)] }
		END { for (s in seen) if (s !~ / (unknown|none)?$/) print s }' "$@" >>"$work/noted"
}
# note_engine OPTION...: keeps by what such a run counts here
note_engine() {
	"$sysgate" stat -q -o json "$@" -- true | jq -r '"release \(.kernel)", "\(.engine) \(.attach)"' \
		>>"$work/noted"
}
# tell_seen: the same of the whole test, as lines "saw WHAT VALUE"
tell_seen() { [ "$failed" -ne 0 ] || sort -u "$work/noted" | sed 's/^/saw /'; }

# exact NAME COMPARE_OPTION SYSGATE_OPTIONS -- WORKLOAD ARGUMENT...: counts are what the workload states
#
# By default by errno too; an -E among COMPARE_OPTION leaves that out, and with it the split.
exact() {
	local name=$1 compare=$2 options=() by=gate,abi,call,errno
	case $compare in *-E*) by=gate,abi,call ;; esac
	shift 2
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	"$workload/$1" --expect "${@:2}" >"$work/stated.csv" || return 1
	"$sysgate" stat -q --strict -o "csv:$work/seen.csv" -b "$by" "${options[@]}" \
		-- "$workload/$1" "${@:2}" >"$work/got" 2>"$work/err" || {
		echo "left with $?: $(head -3 "$work/err")"
		return 1
	}
	# shellcheck disable=SC2086 # one or two words
	tests/workload/compare $compare "$work/stated.csv" "$work/seen.csv" && note_seen "$work/seen.csv"
}
