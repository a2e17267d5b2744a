// SPDX-License-Identifier: GPL-2.0-or-later
/* vDSO images, through libelf and capstone, and auxiliary vectors. An input is one. */
#include "fuzz.h"

#include <errno.h>

#include "target/vdso.h"

static void check_function(const struct vdso *v, const struct vdso_function *f)
{
	size_t at = f->offset;

	fuzz_must_end(f->names);
	fuzz_must(f->names[0] && f->offset < v->size && f->size <= v->size - f->offset);
	for (size_t i = 0; i < f->count; i++) {
		fuzz_must_end(f->code[i].text);
		fuzz_must(f->code[i].address == at && f->code[i].size);
		at += f->code[i].size;
	}
	fuzz_must(at <= f->offset + f->size);
	fuzz_must(!f->gate || f->gate_offset >= f->offset);
	if (f->return_offset != VDSO_NOWHERE)
		fuzz_must(f->return_offset > f->gate_offset && f->return_offset <= at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sg_error e = { 0 };
	struct vdso v;
	struct auxv a;
	char words[32];
	int ret = vdso_parse(&v, data, size, &e);

	fuzz_must(!ret || (ret == -EPROTO && e.text[0]));
	for (size_t i = 0; i < v.functions_count; i++)
		check_function(&v, &v.functions[i]);
	vdso_entry(&v);
	vdso_fini(&v);
	for (unsigned int word = 4; word <= 8; word += 4) {
		ret = auxv_parse(&a, data, size, word);
		fuzz_must(a.count <= AUXV_MAX && (!ret || ret == -EPROTO));
		for (size_t i = 0; i < a.count; i++)
			auxv_words(a.entries[i].type, a.entries[i].value, words, sizeof(words));
	}
	return 0;
}
