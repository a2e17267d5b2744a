// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/vdso.h"
#include "sink/text.h"
#include "target/syscalls.h"

static void put_escaped(FILE *out, const char *text)
{
	_cleanup_free_ char *safe = text_escape(text);

	fputs(safe ? safe : "(out of memory)", out);
}

static void put_head(FILE *out, const struct vdso_view *w)
{
	if (w->pid) {
		fprintf(out, "process   %d (", w->pid);
		put_escaped(out, w->comm);
		fprintf(out, ")\n");
	} else {
		fprintf(out, "file      ");
		put_escaped(out, w->path);
		fputc('\n', out);
	}
	if (!w->has_image) {
		fprintf(out, "vDSO      none: AT_SYSINFO_EHDR is not in the auxiliary vector\n");
		return;
	}
	fprintf(out, "vDSO      %s, %zu bytes", abi_name(w->vdso.abi), w->vdso.size);
	if (w->vdso.address)
		fprintf(out, ", mapped at 0x%" PRIx64, w->vdso.address);
	fprintf(out, "\nname      ");
	put_escaped(out, w->vdso.soname[0] ? w->vdso.soname : "none");
	fprintf(out, "\nbuild id  %s\n", w->vdso.build_id[0] ? w->vdso.build_id : "none");
}

static void put_auxv(FILE *out, const struct vdso_view *w)
{
	if (!w->auxv.count)
		return;
	fprintf(out, "\nauxiliary vector\n");
	for (size_t i = 0; i < w->auxv.count; i++) {
		const struct auxv_entry *a = &w->auxv.entries[i];
		const char *name = auxv_name(a->type);
		char words[192], number[24], text[256];

		snprintf(number, sizeof(number), "#%" PRIu64, a->type);
		fprintf(out, "  %-21s ", name ? name : number);
		auxv_words(a->type, a->value, words, sizeof(words));
		vdso_view_text(w, a, text, sizeof(text));
		fprintf(out, "0x%-*" PRIx64, words[0] || text[0] ? 18 : 0, a->value);
		put_escaped(out, words[0] ? words : text);
		fputc('\n', out);
	}
}

static const char *gate_or_none(int gate)
{
	return gate == SYSGATE_GATE_UNKNOWN ? "none" : gate_name(gate);
}

static void put_symbols(FILE *out, const struct vdso *v)
{
	fprintf(out, "\n%-10s %6s  %-9s  symbols\n", "offset", "bytes", "gate");
	for (size_t i = 0; i < v->functions_count; i++) {
		const struct vdso_function *f = &v->functions[i];

		fprintf(out, "0x%-8zx %6zu  %-9s  ", f->offset, f->size, gate_or_none(f->gate));
		put_escaped(out, f->names);
		fprintf(out, "%s\n", f->guessed_size ? "  (no symbol tells its size)" : "");
	}
	for (size_t i = 0; i < v->symbols_count; i++) {
		const struct vdso_symbol *s = &v->symbols[i];

		if (s->function)
			continue;
		fprintf(out, "0x%-8zx %6zu  %-9s  ", s->offset, s->size, "data");
		put_escaped(out, s->name);
		fputc('\n', out);
	}
}

/* One sentence: how 32-bit code gets in, and where it comes out. All are offsets. */
static void put_entry(FILE *out, const struct vdso *v)
{
	const struct vdso_function *f = vdso_entry(v);

	if (!f)
		return;
	fprintf(out, "\n__kernel_vsyscall enters by %s", gate_or_none(f->gate));
	if (f->gate == SYSGATE_GATE_UNKNOWN) {
		fprintf(out, "\n");
		return;
	}
	fprintf(out, " at 0x%zx", f->gate_offset);
	if (f->return_offset != VDSO_NOWHERE)
		fprintf(out, ", returns to 0x%zx", f->return_offset);
	else
		fprintf(out, ", returns to where its code does not tell");
	if (f->restart_offset != VDSO_NOWHERE)
		fprintf(out, ", restarts a call at 0x%zx", f->restart_offset);
	fputc('\n', out);
	if (!f->unpatched)
		return;
	fprintf(out,
		"fillers stand before it: a booting kernel puts a faster gate there, where the CPU ");
	fprintf(out, v->address ? "has one, and this one did not\n" : "has one\n");
}

static void put_instruction(FILE *out, const struct vdso_function *f, const struct instruction *i)
{
	char bytes[2 * INSTRUCTION_BYTES + 1] = "";

	for (size_t b = 0; b < i->size; b++)
		snprintf(bytes + 2 * b, 3, "%02x", i->bytes[b]);
	fprintf(out, "  0x%-6" PRIx64 "  %-20s  %s", i->address, bytes, i->text);
	if (i->gate != SYSGATE_GATE_UNKNOWN)
		fprintf(out, "    <- gate %s", gate_name(i->gate));
	if (i->address == f->restart_offset)
		fprintf(out, "    <- where a call is restarted");
	if (i->address == f->return_offset)
		fprintf(out, "    <- return point");
	fputc('\n', out);
}

static void put_code(FILE *out, const struct vdso_view *w)
{
	for (size_t i = 0; i < w->vdso.functions_count; i++) {
		const struct vdso_function *f = &w->vdso.functions[i];

		if (!w->shown[i])
			continue;
		fputc('\n', out);
		put_escaped(out, f->names);
		fprintf(out, ":\n");
		for (size_t n = 0; n < f->count; n++)
			put_instruction(out, f, &f->code[n]);
	}
}

int vdso_write_table(FILE *out, const struct vdso_view *w)
{
	put_head(out, w);
	put_auxv(out, w);
	if (w->has_image) {
		put_symbols(out, &w->vdso);
		put_entry(out, &w->vdso);
		put_code(out, w);
	}
	return ferror(out) ? -EIO : 0;
}
