// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/prototypes.h"

#include <stdlib.h>
#include <string.h>

#include "target/explain.h"
#include "target/files.h"

static int compare(const void *key, const void *row)
{
	return strcmp(key, ((const struct prototype *)row)->call);
}

/* Of a name's rows, which stand together, the one of the ABI. */
static const char *find(const struct prototype *list, size_t count, int abi, const char *name)
{
	const struct prototype *p = bsearch(name, list, count, sizeof(*list), compare);

	while (p && p > list && !strcmp(p[-1].call, name))
		p--;
	for (; p && p < list + count && !strcmp(p->call, name); p++)
		if (!p->abis || text_has_word(p->abis, abi_name(abi)))
			return p->parameters;
	return NULL;
}

const char *prototype_of(int abi, const char *name)
{
	const char *first = find(prototypes_a_l, prototypes_a_l_count, abi, name);

	return first ? first : find(prototypes_m_z, prototypes_m_z_count, abi, name);
}
