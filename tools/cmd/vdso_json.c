// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/vdso.h"
#include "sink/text.h"
#include "target/syscalls.h"

/* Addresses and values are texts: JSON's numbers end below 2^64, jq's exact ones at 2^53. */
static json_t *hex(uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	return json_string(text);
}

static json_t *place(size_t offset)
{
	return offset == VDSO_NOWHERE ? json_null() : json_integer((json_int_t)offset);
}

static json_t *text(const char *s)
{
	_cleanup_free_ char *valid = NULL;

	if (!s || !s[0])
		return json_null();
	valid = text_utf8(s);
	return valid ? json_string(valid) : NULL;
}

static json_t *gate(int gate)
{
	return gate == SYSGATE_GATE_UNKNOWN ? json_null() : json_string(gate_name(gate));
}

static json_t *auxv_array(const struct vdso_view *w)
{
	json_t *list = json_array();

	for (size_t i = 0; i < w->auxv.count; i++) {
		const struct auxv_entry *a = &w->auxv.entries[i];
		char string[256];

		if (auxv_is_text(a->type))
			vdso_view_text(w, a, string, sizeof(string));
		else
			auxv_words(a->type, a->value, string, sizeof(string));
		json_array_append_new(list, json_pack("{s:o,s:o,s:o,s:o}", "type", hex(a->type),
						      "name", text(auxv_name(a->type)), "value",
						      hex(a->value), "text", text(string)));
	}
	return list;
}

static json_t *code_array(const struct vdso_function *f)
{
	json_t *list = json_array();

	for (size_t i = 0; i < f->count; i++) {
		const struct instruction *one = &f->code[i];
		char bytes[2 * INSTRUCTION_BYTES + 1] = "";

		for (size_t b = 0; b < one->size; b++)
			snprintf(bytes + 2 * b, 3, "%02x", one->bytes[b]);
		json_array_append_new(list,
				      json_pack("{s:I,s:s,s:o,s:o}", "offset",
						(json_int_t)one->address, "bytes", bytes, "text",
						text(one->text), "gate", gate(one->gate)));
	}
	return list;
}

/* names: "a, b" as an array. */
static json_t *names_array(const char *names)
{
	_cleanup_free_ char *copy = text_utf8(names);
	json_t *list = json_array();
	char *save = NULL;

	for (char *one = copy ? strtok_r(copy, ", ", &save) : NULL; one;
	     one = strtok_r(NULL, ", ", &save))
		json_array_append_new(list, json_string(one));
	return list;
}

static json_t *functions_array(const struct vdso_view *w)
{
	json_t *list = json_array();

	for (size_t i = 0; i < w->vdso.functions_count; i++) {
		const struct vdso_function *f = &w->vdso.functions[i];
		bool enters = f->gate != SYSGATE_GATE_UNKNOWN;

		json_array_append_new(
			list, json_pack("{s:o,s:I,s:I,s:b,s:o,s:o,s:o,s:o,s:o}", "names",
					names_array(f->names), "offset", (json_int_t)f->offset,
					"size", (json_int_t)f->size, "size_guessed",
					(int)f->guessed_size, "gate", gate(f->gate), "gate_offset",
					place(enters ? f->gate_offset : VDSO_NOWHERE),
					"return_offset", place(f->return_offset), "restart_offset",
					place(f->restart_offset), "code",
					w->shown[i] ? code_array(f) : json_null()));
	}
	return list;
}

static json_t *symbols_array(const struct vdso *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->symbols_count; i++) {
		const struct vdso_symbol *s = &v->symbols[i];

		json_array_append_new(list,
				      json_pack("{s:o,s:I,s:I,s:b}", "name", text(s->name),
						"offset", (json_int_t)s->offset, "size",
						(json_int_t)s->size, "function", (int)s->function));
	}
	return list;
}

static json_t *image_object(const struct vdso_view *w)
{
	const struct vdso *v = &w->vdso;
	const struct vdso_function *entry = vdso_entry(v);

	if (!w->has_image)
		return json_null();
	return json_pack("{s:s,s:I,s:o,s:o,s:o,s:o,s:o}", "abi", abi_name(v->abi), "size",
			 (json_int_t)v->size, "address", v->address ? hex(v->address) : json_null(),
			 "soname", text(v->soname), "build_id", text(v->build_id), "entry_offset",
			 place(entry ? entry->offset : VDSO_NOWHERE), "entry_gate",
			 gate(entry ? entry->gate : SYSGATE_GATE_UNKNOWN));
}

int vdso_write_json(FILE *out, const struct vdso_view *w)
{
	json_t *object =
		json_pack("{s:i,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "sysgate", 1, "pid",
			  w->pid ? json_integer(w->pid) : json_null(), "comm", text(w->comm),
			  "file", text(w->path), "auxv", auxv_array(w), "image", image_object(w),
			  "symbols", symbols_array(&w->vdso), "functions", functions_array(w));
	int err = 0;

	if (!object)
		return -ENOMEM;
	if (json_dumpf(object, out, JSON_COMPACT) || fputc('\n', out) == EOF)
		err = -EIO;
	json_decref(object);
	return err;
}
