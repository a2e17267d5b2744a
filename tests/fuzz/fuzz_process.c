// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What /proc says of a process. An input is its comm, status, cgroup, syscall and the beginning of
 * its exe, parted by lines "--".
 */
#include "fuzz.h"

#include <errno.h>

#include "sysgate_abi.h"
#include "target/process.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_part rest = { (const char *)data, size };
	_cleanup_free_ char *comm = fuzz_text(fuzz_part(&rest));
	_cleanup_free_ char *status = fuzz_text(fuzz_part(&rest));
	_cleanup_free_ char *cgroup = fuzz_text(fuzz_part(&rest));
	_cleanup_free_ char *call = fuzz_text(fuzz_part(&rest));
	_cleanup_free_ char *exe = fuzz_text(rest);
	struct process p = { 0 };
	int ret, abi;

	process_parse_comm(comm, p.comm);
	fuzz_must_end(p.comm);
	ret = process_parse_status(status, &p);
	fuzz_must(!ret || ret == -EPROTO);
	p.cgroup = process_parse_cgroup(cgroup);
	fuzz_must(!p.cgroup || (p.cgroup[0] == '/' && !strchr(p.cgroup, '\n')));
	fuzz_must(process_parse_call(call) >= -1);
	abi = process_parse_elf((unsigned char *)exe, rest.size);
	fuzz_must(abi >= 0 && abi < SYSGATE_ABIS);
	process_fini(&p);
	return 0;
}
