# Deltas of a workload of ten calls, made of one object: $seed, $more (of getpid) and $slow (uname).
def random: (. * 1103515245 + 12345) % 2147483648;
def call($nr; $name; $count; $low): {
	abi: "x86_64", gate: "syscall", nr: $nr, name: $name, count: $count, errors: 0,
	total_ns: ($count * ($low + ($low / 16 | floor))), min_ns: $low, avg_ns: $low, p50_ns: $low,
	p90_ns: $low, p99_ns: $low, max_ns: ($low + ($low / 8 | floor)), exits: {sysret: $count},
	restarts: 0, never_returned: 0, deviation_ns: 0,
	sumsq_ns2: ($count * $low * $low), hist: [[$low, $count]]
};
[[0, "read", 4096], [1, "write", 2048], [39, "getpid", 128], [63, "uname", 256],
 [102, "getuid", 128], [104, "getgid", 128], [107, "geteuid", 144], [108, "getegid", 160],
 [110, "getppid", 112], [8, "lseek", 192]] as $calls |
. as $base | foreach range(40) as $i ($seed;
	random;
	. as $r | reduce range($calls | length) as $k ({s: $r, calls: []};
		.s |= random | $calls[$k] as $c |
		(1000 + .s / 65536 % 60 | floor) as $n |
		.calls += [call($c[0]; $c[1];
			(if $c[1] == "getpid" then $n * $more | floor else $n end);
			(if $c[1] == "uname" then $c[2] * $slow else $c[2] end))]) |
	.calls as $made | ($made | map(.count) | add) as $all |
	$base + {start_ns: (($i + 1) * 1000000000), duration_ns: 1000000000,
		calls: $made, in_flight: [], loss: ($base.loss | map_values(0)),
		conservation: ($base.conservation | map_values(0) | .entries = $all | .exits = $all |
			.holds = true)})
