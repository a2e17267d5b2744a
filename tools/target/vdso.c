// SPDX-License-Identifier: GPL-2.0-or-later
/* Images: where they are read from, and what they are. */
#include "target/vdso.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "sysgate_abi.h"
#include "target/files.h"
#include "target/process.h"
#include "target/vdso_internal.h"

int vdso_parse(struct vdso *v, const void *image, size_t size, struct sg_error *e)
{
	int err;

	*v = (struct vdso){ .size = size, .entry = VDSO_NOWHERE };
	if (!size)
		return sg_fail(e, EPROTO, "it is empty");
	v->image = malloc(size);
	if (!v->image)
		return sg_fail_errno(e, ENOMEM, "cannot keep it");
	memcpy(v->image, image, size);
	err = vdso_read_symbols(v, e);
	if (!err)
		err = vdso_read_functions(v, e);
	if (err)
		vdso_fini(v);
	return err;
}

void vdso_fini(struct vdso *v)
{
	for (size_t i = 0; i < v->functions_count; i++)
		free(v->functions[i].code);
	free(v->functions);
	free(v->symbols);
	free(v->image);
	*v = (struct vdso){ .entry = VDSO_NOWHERE };
}

/* What a parse said, with the image's name before it. */
static int damaged(struct sg_error *e, int err, const char *name)
{
	struct sg_error why = *e;

	sg_fail(e, -err, "cannot use '%s' as a vDSO: %s", name, why.text);
	sg_hint(e, "an image is written by 'sysgate vdso PID -w FILE', and with Debian's kernels "
		   "in /lib/modules/RELEASE/vdso");
	return err;
}

int vdso_read_file(struct vdso *v, const char *path, struct sg_error *e)
{
	_cleanup_free_ uint8_t *data = malloc(VDSO_MAX + 1);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	size_t n = 0;
	ssize_t got = 1;
	int err;

	*v = (struct vdso){ .entry = VDSO_NOWHERE };
	if (!data)
		return sg_fail_errno(e, ENOMEM, "cannot read '%s'", path);
	if (fd < 0)
		return sg_fail_errno(e, errno, "cannot open '%s'", path);
	while (n <= VDSO_MAX && got) {
		got = TEMP_FAILURE_RETRY(read(fd, data + n, VDSO_MAX + 1 - n));
		if (got < 0)
			return sg_fail_errno(e, errno, "cannot read '%s'", path);
		n += (size_t)got;
	}
	if (n > VDSO_MAX) {
		sg_fail(e, EPROTO, "it has more than a MiB");
		return damaged(e, -EPROTO, path);
	}
	err = vdso_parse(v, data, n, e);
	return err ? damaged(e, err, path) : 0;
}

struct range {
	uint64_t wanted, start, end;
};

static bool find_range(const char *line, void *data)
{
	struct range *r = data;
	uint64_t start, end;

	if (sscanf(line, "%" SCNx64 "-%" SCNx64, &start, &end) != 2 || start != r->wanted)
		return true;
	r->start = start;
	r->end = end;
	return false;
}

static int read_memory(pid_t pid, uint64_t address, void *data, size_t size)
{
	_cleanup_close_ int fd = -1;
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : pread(fd, data, size, (off_t)address);
	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EIO;
}

void process_text(pid_t pid, uint64_t address, char *text, size_t size)
{
	/* Byte by byte: what follows the text's end need not be mapped. */
	for (size_t i = 0; i < size; i++)
		if (i == size - 1 || read_memory(pid, address + i, text + i, 1)) {
			text[i] = '\0';
			return;
		} else if (!text[i]) {
			return;
		}
}

static int copy_image(struct vdso *v, pid_t pid, uint64_t address, struct sg_error *e)
{
	struct range r = { .wanted = address };
	_cleanup_free_ uint8_t *data = NULL;
	char path[64], name[64];
	int err;

	snprintf(path, sizeof(path), "%d/maps", pid);
	err = file_lines("/proc", path, find_range, &r);
	if (err)
		return sg_fail_errno(e, -err, "cannot read '/proc/%s'", path);
	if (!r.end || r.end <= r.start || r.end - r.start > VDSO_MAX)
		return sg_fail(e, EPROTO,
			       "process %d has nothing mapped at its vDSO's address 0x%" PRIx64,
			       pid, address);
	data = malloc(r.end - r.start);
	if (!data)
		return sg_fail_errno(e, ENOMEM, "cannot keep a vDSO");
	err = read_memory(pid, address, data, r.end - r.start);
	if (err)
		return sg_fail_errno(e, -err, "cannot read the memory of process %d", pid);
	err = vdso_parse(v, data, r.end - r.start, e);
	v->address = address;
	snprintf(name, sizeof(name), "/proc/%d/mem", pid);
	return err ? damaged(e, err, name) : 0;
}

int vdso_read_process(struct vdso *v, struct auxv *a, pid_t pid, struct sg_error *e)
{
	int abi = process_abi(pid), err;
	uint64_t address;

	*v = (struct vdso){ .entry = VDSO_NOWHERE };
	if (kill(pid, 0) && errno == ESRCH)
		return sg_fail(e, ESRCH, "no process %d", pid);
	if (process_is_kernel(pid))
		return sg_fail(e, ENOENT, "process %d is the kernel's own: it has no vDSO", pid);
	if (abi == SYSGATE_ABI_UNKNOWN) {
		sg_fail(e, EACCES, "cannot see which program process %d runs", pid);
		sg_hint(e, "run it as root");
		return -EACCES;
	}
	err = auxv_read(a, pid, abi == SYSGATE_ABI_X86_64 ? 8 : 4, e);
	if (err)
		return err;
	address = auxv_get(a, AT_SYSINFO_EHDR);
	if (!address)
		return sg_fail(e, ENODATA, "process %d has no vDSO: no AT_SYSINFO_EHDR", pid);
	return copy_image(v, pid, address, e);
}
