// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/debuginfo.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/*
 * A DIE's sibling may lie anywhere, before it too: a file that lies has no end. The largest unit of
 * a kernel has some 100,000.
 */
#define DIES_MAX  500000
#define DEPTH_MAX 64
#define TYPE_MAX  16 /* of const, *, typedef and so on in one type */

struct debuginfo {
	Dwarf *dwarf;
	long budget; /* of the DIEs that one question may look at */
};

int debuginfo_new(struct debuginfo **out, const struct elffile *f, struct sg_error *e)
{
	struct debuginfo *d;

	*out = NULL;
	if (!elffile_has_dwarf(f))
		return sg_fail(e, ENOENT, "'%s' has no debug information", f->path);
	d = calloc(1, sizeof(*d));
	if (!d)
		return sg_fail_errno(e, ENOMEM, "cannot read '%s'", f->path);
	d->dwarf = dwarf_begin_elf(f->elf, DWARF_C_READ, NULL);
	if (!d->dwarf) {
		free(d);
		return sg_fail(e, ENOEXEC, "cannot use the debug information of '%s': %s", f->path,
			       dwarf_errmsg(-1));
	}
	*out = d;
	return 0;
}

void debuginfo_free(struct debuginfo *d)
{
	if (!d)
		return;
	dwarf_end(d->dwarf);
	free(d);
}

/* The unit that has an address: by .debug_aranges, which compilers may leave out, else by looking.
 */
static bool find_unit(struct debuginfo *d, uint64_t address, Dwarf_Die *unit)
{
	Dwarf_CU *cu = NULL;
	Dwarf_Half version;
	uint8_t type;

	d->budget = DIES_MAX;
	if (dwarf_addrdie(d->dwarf, address, unit))
		return true;
	while (!dwarf_get_units(d->dwarf, cu, &cu, &version, &type, unit, NULL) && d->budget-- > 0)
		if (dwarf_haspc(unit, address) == 1)
			return true;
	return false;
}

/*
 * The name in the kernel's tree: what the file has in common with the directory that the unit was
 * made in goes, which lies in the tree or is its top: "/build/linux-6.1/arch/x86/x.c" of one made
 * in
 * "/build/linux-6.1/debian/build" is "arch/x86/x.c".
 */
static void set_place(struct place *place, Dwarf_Die *unit, const char *file, int line)
{
	Dwarf_Attribute attribute;
	const char *dir = dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute));
	size_t n = 0, common = 0;

	for (; dir && file[0] == '/' && file[n] && file[n] == (dir[n] ? dir[n] : '/'); n++) {
		if (file[n] == '/')
			common = n + 1;
		if (!dir[n])
			break;
	}
	file += common > 1 ? common : 0;
	while (!strncmp(file, "./", 2))
		file += 2;
	snprintf(place->file, sizeof(place->file), "%s", file);
	place->line = line;
}

/* The next of a DIE's children (child: the one before; NULL: the first); false: none, or no more.
 */
static bool next_child(struct debuginfo *d, Dwarf_Die *parent, Dwarf_Die *child, bool first)
{
	if (d->budget-- <= 0)
		return false;
	return first ? !dwarf_child(parent, child) : !dwarf_siblingof(child, child);
}

static bool find_function(struct debuginfo *d, Dwarf_Die *unit, uint64_t address,
			  Dwarf_Die *function)
{
	bool more = next_child(d, unit, function, true);

	for (; more; more = next_child(d, unit, function, false))
		if (dwarf_tag(function) == DW_TAG_subprogram && dwarf_haspc(function, address) == 1)
			return true;
	return false;
}

/* Where the function is declared that begins at address: what it begins with may be another's. */
static bool place_function(struct debuginfo *d, Dwarf_Die *unit, uint64_t address,
			   struct place *place)
{
	Dwarf_Die function;
	Dwarf_Addr entry;
	const char *file;
	int line;

	if (!find_function(d, unit, address, &function) || dwarf_entrypc(&function, &entry) ||
	    entry != address)
		return false;
	file = dwarf_decl_file(&function);
	if (!file || dwarf_decl_line(&function, &line) || line <= 0)
		return false;
	set_place(place, unit, file, line);
	return true;
}

int debuginfo_place(struct debuginfo *d, uint64_t address, struct place *place)
{
	Dwarf_Die unit;
	Dwarf_Line *line;
	const char *file;
	int number;

	place->file[0] = '\0';
	if (!find_unit(d, address, &unit))
		return -ENOENT;
	if (place_function(d, &unit, address, place))
		return 0;
	/* Assembly has lines alone. */
	line = dwarf_getsrc_die(&unit, address);
	file = line ? dwarf_linesrc(line, NULL, NULL) : NULL;
	if (!file || dwarf_lineno(line, &number) || number <= 0)
		return -ENOENT;
	set_place(place, &unit, file, number);
	return 0;
}

static int number_of(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value;

	if (dwarf_formudata(dwarf_attr(die, name, &attribute), &value) || value > INT32_MAX)
		return 0;
	return (int)value;
}

static void call_place(Dwarf_Die *die, Dwarf_Die *unit, struct place *place)
{
	int file = number_of(die, DW_AT_call_file), line = number_of(die, DW_AT_call_line);
	const char *name;
	Dwarf_Files *files;
	size_t count;

	place->file[0] = '\0';
	place->line = 0;
	if (dwarf_getsrcfiles(unit, &files, &count) || (size_t)file >= count || !line)
		return;
	name = dwarf_filesrc(files, (size_t)file, NULL, NULL);
	if (name)
		set_place(place, unit, name, line);
}

struct walk_inlined {
	struct debuginfo *d;
	Dwarf_Die *unit;
	inlined_fn visit;
	void *data;
};

static void walk_inlined(const struct walk_inlined *w, Dwarf_Die *die, int depth)
{
	Dwarf_Die child;
	bool more = depth < DEPTH_MAX && next_child(w->d, die, &child, true);

	for (; more; more = next_child(w->d, die, &child, false)) {
		int tag = dwarf_tag(&child);
		const char *name;
		struct place place;

		if (tag == DW_TAG_inlined_subroutine) {
			name = dwarf_diename(&child);
			call_place(&child, w->unit, &place);
			if (name)
				w->visit(name, &place, w->data);
		}
		if (tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block)
			walk_inlined(w, &child, depth + 1);
	}
}

int debuginfo_inlined(struct debuginfo *d, uint64_t address, inlined_fn visit, void *data)
{
	Dwarf_Die unit, function;
	struct walk_inlined w = { d, &unit, visit, data };

	if (!find_unit(d, address, &unit) || !find_function(d, &unit, address, &function))
		return -ENOENT;
	walk_inlined(&w, &function, 0);
	return 0;
}

static const char *tag_word(int tag)
{
	switch (tag) {
	case DW_TAG_structure_type:
		return "struct ";
	case DW_TAG_union_type:
		return "union ";
	case DW_TAG_enumeration_type:
		return "enum ";
	default:
		return "";
	}
}

/* Compilers name types in another order than people. */
static const char *usual_name(const char *name)
{
	static const char *const names[][2] = {
		{ "long unsigned int", "unsigned long" },
		{ "long int", "long" },
		{ "short unsigned int", "unsigned short" },
		{ "short int", "short" },
		{ "long long unsigned int", "unsigned long long" },
		{ "long long int", "long long" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i][0], name))
			return names[i][1];
	return name;
}

/* What a type is made from; false: nothing, which is void. */
static bool type_below(Dwarf_Die *die, Dwarf_Die *below)
{
	Dwarf_Attribute attribute;

	return dwarf_formref_die(dwarf_attr_integrate(die, DW_AT_type, &attribute), below);
}

/* The type as C writes it, for what calls take: no arrays, no functions but as pointers. */
static void type_text(Dwarf_Die *type, char *text, size_t size, int depth)
{
	const char *name = dwarf_diename(type);
	int tag = dwarf_tag(type);
	char inner[256];
	Dwarf_Die below;
	bool is_pointer;

	if (tag != DW_TAG_pointer_type && tag != DW_TAG_const_type && tag != DW_TAG_volatile_type &&
	    tag != DW_TAG_restrict_type) {
		snprintf(text, size, "%s%s", tag_word(tag),
			 name && name[0]		 ? usual_name(name)
			 : tag == DW_TAG_subroutine_type ? "void (*)()"
							 : "?");
		return;
	}
	if (depth == TYPE_MAX || !type_below(type, &below))
		snprintf(inner, sizeof(inner), "%s", depth == TYPE_MAX ? "?" : "void");
	else
		type_text(&below, inner, sizeof(inner), depth + 1);
	is_pointer = inner[0] && inner[strlen(inner) - 1] == '*';
	if (tag == DW_TAG_restrict_type || strstr(inner, "(*)"))
		snprintf(text, size, "%s", inner);
	else if (tag == DW_TAG_pointer_type)
		snprintf(text, size, "%.250s%s*", inner, is_pointer ? "" : " ");
	else if (is_pointer) /* a constant pointer: the callee's own business */
		snprintf(text, size, "%s", inner);
	else
		snprintf(text, size, "%s%.240s", tag == DW_TAG_const_type ? "const " : "volatile ",
			 inner);
}

/* How many parameters a function has; visit may be NULL. */
static int each_parameter(struct debuginfo *d, Dwarf_Die *function, parameter_fn visit, void *data)
{
	Dwarf_Die child;
	bool more = next_child(d, function, &child, true);
	int count = 0;

	for (; more; more = next_child(d, function, &child, false)) {
		const char *name = dwarf_diename(&child);
		char text[256] = "?";
		Dwarf_Word size = 0;
		Dwarf_Die type;

		if (dwarf_tag(&child) != DW_TAG_formal_parameter)
			continue;
		count++;
		if (!visit)
			continue;
		if (type_below(&child, &type)) {
			type_text(&type, text, sizeof(text), 0);
			if (dwarf_aggregate_size(&type, &size) || size > 64)
				size = 0;
		}
		visit(text, name ? name : "", size, data);
	}
	return count;
}

int debuginfo_parameters(struct debuginfo *d, uint64_t address, const char *name,
			 parameter_fn visit, void *data)
{
	Dwarf_Die unit, child;
	bool more;

	if (!find_unit(d, address, &unit))
		return -ENOENT;
	more = next_child(d, &unit, &child, true);
	for (; more; more = next_child(d, &unit, &child, false)) {
		const char *own =
			dwarf_tag(&child) == DW_TAG_subprogram ? dwarf_diename(&child) : NULL;

		if (own && !strcmp(own, name) && dwarf_hasattr_integrate(&child, DW_AT_prototyped))
			return each_parameter(d, &child, visit, data);
	}
	return -ENOENT;
}
