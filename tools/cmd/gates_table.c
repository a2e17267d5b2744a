// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/gates.h"
#include "sink/sink.h"
#include "sink/text.h"
#include "target/syscalls.h"

static void put_time(FILE *out, const struct gates_view *v, uint32_t cycles)
{
	char buf[32];

	if (gates_steady(v))
		fprintf(out, "  %9s",
			format_time(buf, sizeof(buf),
				    (uint64_t)llround((double)cycles / v->times.cycles_ns)));
	else
		fprintf(out, "  %9s", "-");
}

static void put_way(FILE *out, const struct gates_view *v, const struct gatetime *g)
{
	fprintf(out, "%-10s %u-bit", gates_name(g), g->width);
	if (!g->measured) {
		_cleanup_free_ char *safe = text_escape(g->why);

		fprintf(out, "  not measured: %s\n", safe ? safe : "(out of memory)");
		return;
	}
	fprintf(out, "  %7u", g->min);
	put_time(out, v, g->min);
	put_time(out, v, g->p50);
	put_time(out, v, g->p90);
	put_time(out, v, g->p99);
	put_time(out, v, g->max);
	if (!gates_compared(v, g))
		fprintf(out, "  %6s", "-");
	else
		fprintf(out, "  %6.*f", g->min < v->times.fastest->min ? 3 : 1,
			(double)g->min / v->times.fastest->min);
	fprintf(out, "%s\n", g->without ? "  time() of the vDSO" : "");
}

/* The same question as that of 2002, from the same code: 32-bit, its vDSO's gate against INT 0x80.
 */
static void put_comparison(FILE *out, const struct gates_view *v)
{
	const struct gatetime *fast = v->times.fastest, *slow = NULL;

	for (size_t i = 0; i < v->times.count; i++) {
		const struct gatetime *g = &v->times.ways[i];

		if (g->measured && !g->without && (!slow || g->min > slow->min))
			slow = g;
	}
	if (v->times.gates > 1 && fast->min)
		fprintf(out,
			"\nhere %s of %u-bit code takes %.1f times as long as %s of %u-bit code\n",
			gates_name(slow), slow->width, (double)slow->min / fast->min,
			gates_name(fast), fast->width);
	else
		fprintf(out, "\nnot compared: %s\n",
			v->times.gates == 1 ? "only one gate could be measured"
			: v->times.gates    ? "the fastest gate takes no longer than the clock"
					    : "no gate could be measured");
	for (size_t i = 0; i < gates_past_count; i++) {
		const struct gates_past *p = &gates_past[i];

		fprintf(out,
			"2002, Pentium 4, %s: %u cycles by sysenter, %u by int80, %.1f times as long\n",
			p->what, p->sysenter, p->int80, (double)p->int80 / p->sysenter);
	}
}

static void put_fact(FILE *out, const char *name, const char *text)
{
	_cleanup_free_ char *safe = text_escape(text);

	fprintf(out, "%-12s%s\n", name, safe ? safe : "(out of memory)");
}

static void put_conditions(FILE *out, const struct gates_view *v)
{
	const struct cpu *cpu = &v->machine.cpu;
	size_t clean = 0;

	fputc('\n', out);
	put_fact(out, "cpu", cpu->model[0] ? cpu->model : "unknown");
	fprintf(out, "%-12s%.1f MHz, %s%s\n", "counter", v->times.cycles_ns * 1000,
		gates_steady(v) ? "constant" : "not constant: times in ns are not told",
		cpu->hypervisor ? "; in a virtual machine: what it adds is among the times" : "");
	if (v->mhz > 0)
		fprintf(out, "%-12s%.0f MHz, as the kernel tells it%s%s\n", "frequency", v->mhz,
			v->governor[0] ? ", governor " : "", v->governor);
	for (size_t i = 0; i < v->times.count; i++)
		if (v->times.ways[i].measured) {
			fprintf(out, "%-12s%u cycles, taken off\n", "clock",
				v->times.ways[i].clock);
			break;
		}
	if (v->boot_off)
		put_fact(out, "mitigations", "off by the kernel's command line");
	for (size_t i = 0; i < v->mitigations_count; i++) {
		const struct mitigation *m = &v->mitigations[i];
		char line[192];

		if (!strcmp(m->state, "Not affected")) {
			clean++;
			continue;
		}
		snprintf(line, sizeof(line), "%s: %s", m->name, m->state);
		put_fact(out, "mitigation", line);
	}
	if (clean)
		fprintf(out, "%-12s%zu more vulnerabilities do not affect it\n", "", clean);
}

int gates_write_table(FILE *out, const struct gates_view *v)
{
	uint32_t samples = 0;

	fprintf(out, "%-10s %-6s  %7s  %9s  %9s  %9s  %9s  %9s  %6s\n", "GATE", "CODE", "CYCLES",
		"MIN", "P50", "P90", "P99", "MAX", "RATIO");
	for (size_t i = 0; i < v->times.count; i++) {
		put_way(out, v, &v->times.ways[i]);
		if (v->times.ways[i].measured)
			samples = v->times.ways[i].samples;
	}
	if (samples)
		fprintf(out, "getppid, %u times by each, each timed alone, on CPU %d\n", samples,
			v->times.cpu);
	put_comparison(out, v);
	put_conditions(out, v);
	return ferror(out) ? -EIO : 0;
}
