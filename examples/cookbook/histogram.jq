# SPDX-License-Identifier: GPL-2.0-or-later
# A call's times, of what sysgate stat -o json has saved: a line for each power of two.
#
#	jq -r --arg call fsync -f histogram.jq FILE
def pad($width): tostring | " " * ([$width - length, 0] | max) + .;
def time: if . >= 1e9 then "\(. / 1e8 | round / 10) s" elif . >= 1e6 then "\(. / 1e5 | round / 10) ms"
	else "\(. / 1e2 | round / 10) us" end;

.calls[] | select(.name == $call) | .count as $all | .hist
	| group_by(.[0] | log2 | floor)[]
	| ([.[][1]] | add) as $n
	| "\(.[0][0] | log2 | floor | exp2 | time | pad(9)) \($n | pad(8)) \("#" * (40 * $n / $all | ceil))"
