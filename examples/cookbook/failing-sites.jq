# SPDX-License-Identifier: GPL-2.0-or-later
# Where failing calls come from, of what sysgate sites -o json has saved: a line for each place, the most first.
#
#	jq -r -f failing-sites.jq FILE
def base: sub(".*/"; "");

[.sites[] | select(.errors > 0)] | sort_by(-.errors)[]
	| [.errors, .name, (.site.module // "?" | base), .site.symbol // "?",
		if .site.line then "\(.site.file | base):\(.site.line)" else empty end,
		if .caller_unknown then "(for a caller that is not told)" else empty end]
	| map(tostring) | join(" ")
