#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# title: a test suite under a budget of system calls, in a virtual machine that may be probed
# run: examples/ci-vm/run.sh [OPTION...] [BUDGET -- COMMAND...]
#
# For runners that allow no probes: it needs root and Debian's packages, and neither KVM nor a kernel module
# of its own. A Debian kernel is booted, sysgate is built for it and loads its probes there, COMMAND
# runs under `sysgate check BUDGET`, and the report comes out.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
sysgate=$(cd "$here/../.." && pwd -P)
# shellcheck source=tests/vm/lib.sh
. "$sysgate/tests/vm/lib.sh"

usage() {
	cat <<-END
		usage: examples/ci-vm/run.sh [OPTION...] [BUDGET -- COMMAND...]

		Runs COMMAND in a virtual machine and says whether its system calls keep BUDGET, a
		file as sysgate-check(1) has it. Without operands it shows that of a real project: the
		source of Debian's zlib is fetched and built, and its tests run under zlib.ini.

		  -C, --directory DIR  where COMMAND runs, and what it may write to (default: here)
		  -o, --output DIR     the reports: report.txt, junit.xml, and where something is broken
		                       failure/ with what was counted (default: ci-vm-report)
		  -k, --target TARGET  which kernel: a name of tests/vm/run --list
		  -p, --package NAME   instead of BUDGET and COMMAND: this source package, built, its
		                       'make test' or 'make check' under NAME.ini beside this script
		  -b, --budget FILE    with it: this budget instead
		      --format FORMAT  what is printed here: text (default), github, tap
		      --update         write the budget's baseline
		      --timeout SEC    until the machine counts as lost (default 1800)

		Exit status: 0 kept, 1 broken, 2 wrong use or a bad budget, 3 not possible here or lost;
		when all was kept, COMMAND's own.

		  examples/ci-vm/run.sh
		  examples/ci-vm/run.sh -C ~/project ~/project/budget.ini -- make check
		  examples/ci-vm/run.sh -k trixie-amd64 --update budget.ini -- ./run-tests
	END
}

want() { [ $# -ge 2 ] || die 2 "'$1' wants a value" "next: $0 --help"; }

directory=$PWD output=ci-vm-report target='' package='' budget='' timeout=1800 format=text check=()
while [ $# -gt 0 ]; do
	case $1 in
	-h | --help) usage && exit ;;
	-C | --directory) want "$@" && directory=$2 && shift ;;
	-o | --output) want "$@" && output=$2 && shift ;;
	-k | --target) want "$@" && target=$2 && shift ;;
	-p | --package) want "$@" && package=$2 && shift ;;
	-b | --budget) want "$@" && budget=$2 && shift ;;
	--format) want "$@" && format=$2 && shift ;;
	--update) check+=(--update) ;;
	--timeout) want "$@" && timeout=$2 && shift ;;
	--) break ;;
	-*) die 2 "no option '$1'" "next: $0 --help" ;;
	*) break ;;
	esac
	shift
done
command=()
if [ $# -gt 0 ]; then
	if [ "${2-}" != -- ] || [ $# -lt 3 ]; then die 2 "wants BUDGET -- COMMAND" "next: $0 --help"; fi
	[ -z "$package$budget" ] || die 2 "a package has no BUDGET and COMMAND of its own" "next: $0 --help"
	budget=$1 command=("${@:3}")
else
	package=${package:-zlib}
	budget=${budget:-$here/$package.ini}
fi
[ "$(id -u)" = 0 ] || die 3 "booting a machine from Debian's packages needs root" "next: sudo $0"
[ -r "$budget" ] || die 2 "cannot read the budget '$budget'"
[ -d "$directory" ] || die 2 "no directory '$directory'"
budget=$(realpath "$budget")
mkdir -p "$output"
output=$(realpath "$output")

"$sysgate/tools/setup" vm
target=${target:-$default_target}
target_get "$target"
target_is_built "$target" || "$vm_dir/build" "$target"

# fetch_source PACKAGE: the newest there is; an archive's index may name one that is gone, or not yet there
fetch_source() {
	local version
	for version in $(apt-cache "${apt[@]}" showsrc "$1" | sed -n 's/^Version: //p' | sort -rVu); do
		rm -f ./*.dsc
		! apt-get -q "${apt[@]}" source --download-only "$1=$version" || return 0
	done
	return 1
}
# from_source PACKAGE: fetches what Debian built it from, from where the machine's own packages come, and
# builds it with the machine's compiler
# shellcheck disable=SC2016 # the tree's shell
from_source() {
	local place=$cache/source/$target/$1 apt
	directory=$place/tree
	[ ! -e "$place/built" ] || return 0
	tree_runs_here "$tree" || die 3 "cannot build for $target: this machine does not run its programs"
	say "fetching and building the source of $1 ..."
	rm -rf --one-file-system "$place"
	mkdir -p "$place/state/lists/partial" "$place/cache/archives/partial" "$place/etc"
	sed 's/^deb /deb-src /' "$tree/etc/apt/sources.list" >"$place/etc/sources.list"
	apt=(-o "Dir::State=$place/state" -o "Dir::Cache=$place/cache" -o APT::Sandbox::User=root
		-o "Dir::Etc::sourcelist=$place/etc/sources.list" -o Dir::Etc::sourceparts=/dev/null)
	if ! { apt-get -q "${apt[@]}" update && (cd "$place" && fetch_source "$1") &&
		"$vm_dir/in-tree" "$tree" "$place" sh -ec '
			dpkg-source -x ./*.dsc tree
			cd tree
			./configure
			make -j"$(nproc)"'; } >"$place/log" 2>&1; then
		tail -n 20 "$place/log" >&2
		die 3 "cannot build the source of $1" "the whole log: $place/log"
	fi
	touch "$place/built"
}
if [ -n "$package" ]; then
	from_source "$package"
	command=(make check)
	! grep -q '^test:' "$directory/Makefile" || command=(make test)
fi
directory=$(realpath "$directory")

# What the machine sees beside sysgate's own folder, under the same names.
shared=(--rw "$output" --rw "$directory")
case $budget in
"$directory"/* | "$sysgate"/*) ;;
*) shared+=(--rw "$(dirname "$budget")") ;; # a baseline lies there
esac
say "booting $target, then: ${command[*]}"
status=0
# shellcheck disable=SC2016 # the machine's shell
"$vm_dir/run" -k "$target" --timeout "$timeout" "${shared[@]}" -- sh -c '
	budget=$1 output=$2 format=$3 options=$4
	shift 4
	cd "$1" && shift
	# shellcheck disable=SC2086 # words
	exec sysgate check $options --record-failure "$output/failure" \
		-o "$format,text:$output/report.txt,junit:$output/junit.xml" "$budget" -- "$@"
' - "$budget" "$output" "$format" "${check[*]}" "$directory" "${command[@]}" || status=$?
rmdir "$output/failure" 2>/dev/null || true # it is empty when all was kept
say "the reports are in $output"
exit "$status"
