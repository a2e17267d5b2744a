// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where SystemTap and a kernel have drifted apart. A mend is a header, probes/stap/mend/NAME.h, for
 * what SystemTap's runtime does with the kernel's function NAME, or that the compiler's warning
 * NAME refuses. It is needed when the compiler or modpost complains about NAME, or when the module, which
 * looks for NAME as it starts, would find none.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/embedded.h"
#include "target/files.h"
#include "target/module_source.h"
#include "target/stap_internal.h"
#include "target/symbols.h"

#define MENDED ".stap-mended"

/* The function of the i-th file: "" when that is no mend. */
static void function_of(size_t i, char *name, size_t size)
{
	const char *path = stap_files[i].path;
	size_t n = strlen(path);

	name[0] = '\0';
	if (n > 2 && !strcmp(path + n - 2, ".h"))
		snprintf(name, size, "%.*s", (int)(n - 2), path);
}

struct complaint {
	const char *name;
	char line[200];
};

static bool complains(const char *line, void *data)
{
	struct complaint *c = data;

	if (!strcasestr(line, "error:") || !strstr(line, c->name))
		return true;
	snprintf(c->line, sizeof(c->line), "%s", strcasestr(line, "error:"));
	return false;
}

static bool compiler_complains(const struct stap_build *b, const char *name, char *why, size_t size)
{
	struct complaint c = { .name = name };

	file_lines("", b->shop.log, complains, &c);
	if (c.line[0])
		snprintf(why, size, "%s", c.line);
	return c.line[0];
}

/* The module says so when it does not find the function: then it has the text. */
static bool looks_for(const struct stap_build *b, const char *name)
{
	char text[128];

	return file_has(b->shop.made, text,
			(size_t)snprintf(text, sizeof(text), "Can't resolve %s!", name));
}

struct wanted {
	const struct stap_build *build;
	const char *name;
	bool found;
};

/* A later SystemTap looks for what took the function's place too: NAME_nosync, a string of its own.
 */
static bool is_it(uint64_t address, char type, const char *name, void *data)
{
	struct wanted *w = data;
	size_t n = strlen(w->name);
	char text[128] = "";

	(void)address, (void)type;
	if (strncmp(name, w->name, n))
		return true;
	if (!name[n])
		w->found = true;
	else if (name[n] == '_' && strlen(name) < sizeof(text) - 2)
		w->found = file_has(w->build->shop.made, text,
				    (size_t)snprintf(text + 1, sizeof(text) - 1, "%s", name) + 2);
	return !w->found;
}

static bool kernel_lacks(const struct stap_build *b, const char *name)
{
	struct wanted w = { .build = b, .name = name };
	struct sg_error ignored;

	return !symbols_each(b->job->kallsyms ? b->job->kallsyms : KALLSYMS_PATH, is_it, &w,
			     &ignored) &&
	       !w.found;
}

static bool would_not_start(const struct stap_build *b, const char *name, char *why, size_t size)
{
	if (!looks_for(b, name) || !kernel_lacks(b, name))
		return false;
	snprintf(why, size, "it would not start: Can't resolve %s!", name);
	return true;
}

bool stap_mend_find(struct stap_build *b, bool failed, char *why, size_t size)
{
	char name[64];

	for (size_t i = 0; i < stap_files_count; i++) {
		function_of(i, name, sizeof(name));
		if (!name[0] || b->mended & 1U << i)
			continue;
		if (failed ? !compiler_complains(b, name, why, size)
			   : !would_not_start(b, name, why, size))
			continue;
		b->mended |= 1U << i;
		return true;
	}
	return false;
}

/* ---- what was found before ---- */

/* SystemTap, as it is installed, and the mends: what was found holds for these alone. */
static uint64_t found_by(void)
{
	uint64_t h = MODULE_HASH_BEGIN;
	char program[160];
	struct stat st;

	if (!module_program("stap", program, sizeof(program)) || stat(program, &st))
		return 0;
	h = module_hash(h, (const char *)&st.st_mtim, sizeof(st.st_mtim));
	h = module_hash(h, (const char *)&st.st_size, sizeof(st.st_size));
	for (size_t i = 0; i < stap_files_count; i++)
		h = module_hash(h, stap_files[i].path, strlen(stap_files[i].path));
	return h;
}

void stap_mend_recall(struct stap_build *b)
{
	char text[64];
	uint64_t by;
	unsigned int mended;

	if (!file_text(b->shop.folder, MENDED, text, sizeof(text)) &&
	    sscanf(text, "%" SCNx64 " %x", &by, &mended) == 2 && by == found_by())
		b->mended = mended;
}

/* Not whole, it is not believed: nothing depends on it. */
void stap_mend_keep(const struct stap_build *b)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/" MENDED, b->shop.folder);
	f = fopen(path, "we");
	if (!f)
		return;
	fprintf(f, "%016" PRIx64 " %x\n", found_by(), b->mended);
	fclose(f);
}
