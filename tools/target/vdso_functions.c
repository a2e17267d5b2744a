// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sysgate_abi.h"
#include "target/vdso_internal.h"

#define GUESSED_MAX 128 /* bytes that are looked at where no symbol tells a size */
#define OVERLAP_MAX 4	/* images' sizes that all functions may have together */

#define ENTRY_NAME "__kernel_vsyscall"

static struct vdso_function *add_function(struct vdso *v, size_t offset, size_t size)
{
	struct vdso_function *list = reallocarray(v->functions, v->functions_count + 1,
						  sizeof(*list)),
			     *f;

	if (!list)
		return NULL;
	v->functions = list;
	f = &list[v->functions_count++];
	*f = (struct vdso_function){
		.offset = offset,
		.size = size,
		.return_offset = VDSO_NOWHERE,
		.restart_offset = VDSO_NOWHERE,
	};
	return f;
}

static struct vdso_function *function_at(const struct vdso *v, size_t offset)
{
	for (size_t i = 0; i < v->functions_count; i++)
		if (v->functions[i].offset == offset)
			return &v->functions[i];
	return NULL;
}

static void add_name(struct vdso_function *f, const char *name)
{
	size_t used = strlen(f->names);

	snprintf(f->names + used, sizeof(f->names) - used, "%s%s", used ? ", " : "", name);
}

static int by_offset(const void *a, const void *b)
{
	const struct vdso_function *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static int find_functions(struct vdso *v)
{
	for (size_t i = 0; i < v->symbols_count; i++) {
		const struct vdso_symbol *s = &v->symbols[i];
		struct vdso_function *f = function_at(v, s->offset);

		if (!s->function)
			continue;
		if (!f)
			f = add_function(v, s->offset, s->size);
		if (!f)
			return -ENOMEM;
		if (s->size > f->size)
			f->size = s->size;
		add_name(f, s->name);
	}
	if (v->entry != VDSO_NOWHERE && !function_at(v, v->entry)) {
		struct vdso_function *f = add_function(v, v->entry, 0);

		if (!f)
			return -ENOMEM;
		add_name(f, "(entry)");
	}
	if (v->functions_count)
		qsort(v->functions, v->functions_count, sizeof(*v->functions), by_offset);
	return 0;
}

struct reading {
	struct vdso_function *f;
	bool failed;
};

static bool keep(const struct instruction *i, void *data)
{
	struct reading *r = data;
	struct instruction *list = reallocarray(r->f->code, r->f->count + 1, sizeof(*list));

	if (!list) {
		r->failed = true;
		return false;
	}
	r->f->code = list;
	list[r->f->count++] = *i;
	return !(r->f->guessed_size && i->ret);
}

/*
 * 32-bit code comes back by the address that the kernel has of the image, not by the gate's own:
 * the place behind the instruction at which a call is restarted. That is an INT 0x80 today, and was
 * a jump back to before the SYSENTER up to 2.6; fillers may stand between. AMD's SYSCALL remembers
 * where it was, and without such an instruction behind it returns there.
 */
static void find_return(struct vdso_function *f, size_t at)
{
	size_t next = at + 1;

	if (f->code[at].gate == SYSGATE_GATE_INT80) {
		f->return_offset = f->gate_offset + f->code[at].size;
		f->restart_offset = f->gate_offset;
		f->unpatched = at && f->code[at - 1].nop;
		return;
	}
	while (next < f->count && f->code[next].nop)
		next++;
	if (next < f->count &&
	    (f->code[next].gate == SYSGATE_GATE_INT80 || f->code[next].jump_back)) {
		f->restart_offset = (size_t)f->code[next].address;
		f->return_offset = f->restart_offset + f->code[next].size;
	} else if (f->code[at].gate == SYSGATE_GATE_SYSCALL32) {
		f->return_offset = f->gate_offset + f->code[at].size;
	}
}

static void find_gate(const struct vdso *v, struct vdso_function *f)
{
	for (size_t i = 0; i < f->count; i++) {
		if (f->code[i].gate == SYSGATE_GATE_UNKNOWN)
			continue;
		f->gate = f->code[i].gate;
		f->gate_offset = (size_t)f->code[i].address;
		if (v->bits == 32)
			find_return(f, i);
		return;
	}
}

/* 32-bit functions enter by the one that is there for it. */
static void find_gates_by_entry(struct vdso *v)
{
	const struct vdso_function *entry = vdso_entry(v);

	for (size_t i = 0; entry && i < v->functions_count; i++) {
		struct vdso_function *f = &v->functions[i];

		for (size_t n = 0; f->gate == SYSGATE_GATE_UNKNOWN && n < f->count; n++)
			if (f->code[n].calls == entry->offset) {
				f->gate = entry->gate;
				f->gate_offset = (size_t)f->code[n].address;
			}
	}
}

static int read_code(const struct vdso *v, struct vdso_function *f, struct sg_error *e)
{
	struct reading r = { .f = f };
	size_t room = v->size - f->offset;
	int err;

	f->guessed_size = !f->size;
	if (f->guessed_size)
		f->size = room < GUESSED_MAX ? room : GUESSED_MAX;
	err = disasm_each(v->image + f->offset, f->size, f->offset, v->bits, keep, &r, e);
	if (err || r.failed)
		return err ? err : sg_fail_errno(e, ENOMEM, "cannot keep its code");
	if (f->guessed_size && f->count)
		f->size = (size_t)f->code[f->count - 1].address + f->code[f->count - 1].size -
			  f->offset;
	find_gate(v, f);
	return 0;
}

int vdso_read_functions(struct vdso *v, struct sg_error *e)
{
	size_t sum = 0;

	if (find_functions(v))
		return sg_fail_errno(e, ENOMEM, "cannot keep its functions");
	for (size_t i = 0; i < v->functions_count; i++) {
		int err;

		sum += v->functions[i].size;
		if (sum > OVERLAP_MAX * v->size)
			return sg_fail(e, EPROTO, "its functions overlap: it is damaged");
		err = read_code(v, &v->functions[i], e);
		if (err)
			return err;
	}
	find_gates_by_entry(v);
	return 0;
}

const struct vdso_function *vdso_entry(const struct vdso *v)
{
	if (v->bits != 32)
		return NULL;
	for (size_t i = 0; i < v->symbols_count; i++)
		if (v->symbols[i].function && !strcmp(v->symbols[i].name, ENTRY_NAME))
			return function_at(v, v->symbols[i].offset);
	return v->entry != VDSO_NOWHERE ? function_at(v, v->entry) : NULL;
}
