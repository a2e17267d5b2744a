# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# What sysgate's rows of the table have in common: sourced by their files in peers.
shows='count, errors, total, min, avg, max, deviation, histogram, gate'
kind=ours
latency=yes
version() { "$sysgate" --version; }
start() { "$sysgate" stat -q "${options[@]}" -o "json:$out" & }
rows() { jq -r '.calls[] | "\(.name) \(.count)"' "$out"; }
said() {
	jq -r '(.loss | to_entries[] | select(.value > 0) | "\(.key) \(.value)"),
		(.conservation | if .holds then empty else "not conserved" end)' "$out"
}
