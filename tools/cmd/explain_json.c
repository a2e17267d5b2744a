// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd/explain.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/text.h"

#define X32_BIT 0x40000000

static json_t *text(const char *s)
{
	_cleanup_free_ char *valid = s[0] ? text_utf8(s) : NULL;

	return valid ? json_string(valid) : json_null();
}

static json_t *registers_object(const struct explain_call *c, const struct explain_argument *a)
{
	json_t *object = json_object();
	int gates[4];

	for (size_t i = 0, count = explain_gates(c->abi, gates); i < count; i++) {
		json_t *list = json_array();

		for (size_t j = 0; j < a->slots; j++)
			json_array_append_new(
				list, json_string(explain_register(gates[i], a->first + j)));
		json_object_set_new(object, gate_name(gates[i]), list);
	}
	return object;
}

static json_t *call_object(const struct explain_call *c)
{
	json_t *arguments = json_array(), *place = json_null();
	int64_t raw = c->abi == SYSGATE_ABI_X32 ? c->nr | X32_BIT : c->nr;

	for (size_t i = 0; i < c->count; i++)
		json_array_append_new(arguments,
				      json_pack("{s:o,s:o,s:o}", "type", text(c->arguments[i].type),
						"name", text(c->arguments[i].name), "registers",
						registers_object(c, &c->arguments[i])));
	if (c->place.file[0])
		place = json_pack("{s:o,s:i}", "file", text(c->place.file), "line", c->place.line);
	if (c->source == EXPLAIN_NONE) {
		json_decref(arguments);
		arguments = json_null();
	}
	return json_pack("{s:s,s:s,s:i,s:I,s:s,s:b,s:o,s:o,s:s,s:o}", "abi", abi_name(c->abi),
			 "name", c->name, "nr", (int)c->nr, "raw", (json_int_t)raw,
			 "number_register", explain_number_register(c->abi), "here", (int)c->here,
			 "handler", text(c->handler), "place", place, "source",
			 explain_source_name(c->source), "arguments", arguments);
}

static json_t *abis_array(const struct wrapper *w)
{
	json_t *list = json_array();

	for (int abi = SYSGATE_ABI_UNKNOWN + 1; abi < SYSGATE_ABIS; abi++)
		if (wrapper_is_of(w, abi))
			json_array_append_new(list, json_string(abi_name(abi)));
	return list;
}

static json_t *library_array(const struct explain *x)
{
	json_t *list = json_array();

	for (size_t i = 0; i < x->count; i++) {
		const struct wrapper *w = NULL;
		bool seen = false;

		for (size_t j = 0; j < i && !seen; j++)
			seen = !strcmp(x->calls[j].name, x->calls[i].name);
		while (!seen && (w = wrapper_next(w, x->calls[i].name)))
			json_array_append_new(list,
					      json_pack("{s:s,s:o,s:s}", "name", w->name, "abis",
							abis_array(w), "text", w->text));
	}
	return list;
}

int explain_write_json(FILE *out, const struct explain_view *v)
{
	const struct explain *x = v->explain;
	json_t *calls = json_array(), *notes = json_array(), *object;
	int err = 0;

	for (size_t i = 0; i < x->count; i++)
		json_array_append_new(calls, call_object(&x->calls[i]));
	for (size_t i = 0; i < x->notes_count; i++)
		json_array_append_new(notes, text(x->notes[i]));
	object = json_pack("{s:i,s:o,s:o,s:o,s:o,s:o}", "sysgate", 1, "kernel", text(v->kernel),
			   "call", text(v->call), "calls", calls, "library", library_array(x),
			   "notes", notes);
	if (!object)
		return -ENOMEM;
	if (json_dumpf(object, out, JSON_COMPACT) || fputc('\n', out) == EOF)
		err = -EIO;
	json_decref(object);
	return err;
}
