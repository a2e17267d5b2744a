# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced, behind tests/lib.sh, by the tests of examples/cookbook: its entries, and what their headers say.
book=examples/cookbook

entries() { find "$book" -maxdepth 1 -type f -executable -printf '%f\n' | sort; }
header() { sed -n "s/^# $2: //p" "$book/$1"; } # header ENTRY WORD
# The entry's output is Debian 12's, whose kernel in the VM tells more than others.
of_vm() { [ -n "$(header "$1" output)" ]; }

# broken_checks ENTRY GATES OUTPUT: the lines check: that it does not keep, of those for GATES, which is "gates are
# told" or "none is told"
broken_checks() {
	local check
	sed -nE "s/^# check( where $2)?: //p" "$book/$1" | while IFS= read -r check; do
		case $check in
		'! '*) ! grep -qE -- "${check#! }" "$3" ;;
		*) grep -qE -- "$check" "$3" ;;
		esac || echo "not kept: $check"
	done
}
