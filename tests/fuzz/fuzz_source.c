// SPDX-License-Identifier: GPL-2.0-or-later
/* Programs and their debug information, through libdwfl. An input is an ELF file. */
#include "fuzz.h"

#include "target/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz_file file;
	struct source_file f = { 0 };
	struct source_place p;
	struct source *s = source_new();
	struct stat st;

	fuzz_must(s);
	f.path = fuzz_file(&file, (struct fuzz_part){ (const char *)data, size });
	fuzz_must(!stat(f.path, &st));
	f.inode = st.st_ino;
	f.size = (uint64_t)st.st_size;
	for (uint64_t offset = 0; offset <= size + 1; offset += 1 + size / 16) {
		source_find(s, &f, offset, &p);
		fuzz_must(!p.why || (!p.symbol && !p.file));
		fuzz_must(!p.symbol || p.symbol[0]);
		fuzz_must(!p.file || p.file[0]);
	}
	source_free(s);
	return 0;
}
