// SPDX-License-Identifier: GPL-2.0-or-later
/* Places by name, in this program itself, and the rows that are made of sites. */
#include "unit.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "collector/sites.h"

static __attribute__((noinline)) void *here(void)
{
	return __builtin_return_address(0);
}

/* Where in this program's file an address lies. */
static uint64_t offset_of(const void *address, char *path, size_t size)
{
	uint64_t start, end, offset, found = 0, at = (uintptr_t)address;
	FILE *f = fopen("/proc/self/maps", "re");
	char line[4096];

	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64, &start, &end, &offset) ==
			    3 &&
		    at >= start && at < end) {
			found = at - start + offset;
			snprintf(path, size, "%s", strchr(line, '/'));
			path[strcspn(path, "\n")] = '\0';
		}
	fclose(f);
	return found;
}

static struct source_file file_at(const char *path)
{
	struct source_file f = { .path = path };
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	f.inode = st.st_ino;
	f.size = (uint64_t)st.st_size;
	return f;
}

static __attribute__((noinline)) const void *place_of_this(int *line)
{
	const void *place;

	*line = __LINE__ + 1;
	place = here();
	__asm__ volatile("" ::: "memory"); /* so that it is no jump */
	return place;
}

START_TEST(own_place)
{
	struct source *s = source_new();
	struct source_place p;
	struct source_file f;
	char path[4096];
	uint64_t offset;
	int line;
	const void *address = place_of_this(&line);

	offset = offset_of(address, path, sizeof(path));
	f = file_at(path);
	source_find(s, &f, offset, &p);
	ck_assert_ptr_null(p.why);
	ck_assert_str_eq(p.symbol, "place_of_this");
	ck_assert_ptr_nonnull(strstr(p.file, "check_sites.c"));
	ck_assert_int_eq(p.line, line);
	source_find(s, &f, UINT64_MAX, &p);
	ck_assert_str_eq(p.why, "its headers do not have that place");
	source_free(s);
}
END_TEST

static void refuse(struct source_file f, const char *why)
{
	struct source *s = source_new();
	struct source_place p;

	source_find(s, &f, 4096, &p);
	ck_assert_ptr_null(p.symbol);
	ck_assert_ptr_nonnull(p.why);
	ck_assert_msg(strstr(p.why, why), "%s", p.why);
	source_free(s);
}

START_TEST(other_files)
{
	char path[] = "/tmp/check_sites.XXXXXX";
	int fd = mkstemp(path);
	struct source_file f, other;

	ck_assert_int_eq(write(fd, "no ELF\n", 7), 7);
	f = file_at(path);
	refuse(f, "cannot read it");
	other = f;
	other.size++;
	refuse(other, "another file is at its path");
	other = f;
	other.inode++;
	refuse(other, "another file is at its path");
	other = f;
	other.since_ns = 1;
	refuse(other, "it was changed since");
	unlink(path);
	close(fd);
	refuse(f, "cannot open it");
	f.path = "/dev/null";
	refuse(f, "no regular file");
}
END_TEST

enum {
	PROGRAM,
	LIBC,
	OTHER,
	FILES
};

static uint32_t module(int file)
{
	return SYSGATE_MODULE_FILES + (uint32_t)file;
}

static struct snapshot *sample(void)
{
	static const char *const paths[FILES] = { "/x/program", "/lib/libc.so.6", "/lib/libx.so" };
	const struct sysgate_site sites[] = {
		{ .flags = 0 },
		/* by libc's stub, from two places, and from one that was not told */
		{ .module = { module(LIBC), module(PROGRAM) }, .offset = { 0x100, 0x10 } },
		{ .module = { module(LIBC), module(PROGRAM) }, .offset = { 0x200, 0x10 } },
		{ .module = { module(LIBC) }, .flags = SYSGATE_SITE_OPEN, .offset = { 0x300 } },
		/* by the vDSO's and libc's */
		{ .module = { SYSGATE_MODULE_VDSO32, module(LIBC), module(PROGRAM) },
		  .flags = SYSGATE_SITE_32,
		  .offset = { 0x5e9, 0x100, 0x20 } },
		/* a library's own, whoever called it */
		{ .module = { module(OTHER), module(PROGRAM) }, .offset = { 0x40, 0x10 } },
		{ .module = { module(OTHER), module(PROGRAM) }, .offset = { 0x40, 0x30 } },
	};
	struct snapshot *s = snapshot_new();

	s->sites.list = calloc(ARRAY_SIZE(sites), sizeof(sites[0]));
	memcpy(s->sites.list, sites, sizeof(sites));
	s->sites.count = ARRAY_SIZE(sites);
	s->sites.modules = calloc(FILES, sizeof(*s->sites.modules));
	s->sites.modules_count = FILES;
	for (int i = 0; i < FILES; i++)
		snprintf(s->sites.modules[i].path, sizeof(s->sites.modules[i].path), "%s",
			 paths[i]);
	for (uint32_t i = 0; i < ARRAY_SIZE(sites); i++) {
		struct key key = {
			.abi = SYSGATE_ABI_X86_64, .gate = SYSGATE_GATE_SYSCALL, .nr = 39, .proc = i
		};
		struct cell c;

		cell_init(&c, &key);
		c.count = 1ULL << i;
		snapshot_add_cell(s, &c);
	}
	return s;
}

static const struct site_row *row_at(const struct sites_view *v, uint32_t m, uint64_t offset)
{
	for (size_t i = 0; i < v->count; i++) {
		const struct site_row *r = &v->rows[i];

		if (r->site->module[r->frame] == m && r->site->offset[r->frame] == offset)
			return r;
	}
	ck_abort_msg("no row");
	return NULL;
}

START_TEST(rows)
{
	const struct view_options o = { .sort = SORT_COUNT };
	struct snapshot *s = sample();
	struct sites_view v;

	ck_assert_int_eq(sites_view_init(&v, s, &o, NULL), 0);
	ck_assert_uint_eq(v.count, 5);
	ck_assert_uint_eq(row_at(&v, module(PROGRAM), 0x10)->cell.count, 2 + 4);
	ck_assert_uint_eq(row_at(&v, module(PROGRAM), 0x20)->cell.count, 16);
	ck_assert_uint_eq(row_at(&v, module(OTHER), 0x40)->cell.count, 32 + 64);
	ck_assert_uint_eq(row_at(&v, 0, 0)->cell.count, 1);
	ck_assert(!sites_caller_unknown(s, row_at(&v, module(PROGRAM), 0x10)));
	ck_assert(sites_caller_unknown(s, row_at(&v, module(LIBC), 0x300)));
	ck_assert_uint_ge(v.rows[0].cell.count, v.rows[1].cell.count);
	ck_assert_str_eq(sites_module(s, &s->sites.list[4], 0), "[vdso32]");
	ck_assert_ptr_nonnull(v.rows[0].place.why);
	sites_view_fini(&v);
	snapshot_free(s);
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "a place in this program has its symbol, file and line", own_place },
		{ "other files, changed ones and what is no program are refused", other_files },
		{ "stubs are skipped to their caller, and what is one place is one row", rows },
	};

	return unit_main("sites", cases, ARRAY_SIZE(cases));
}
