// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Events of the ring buffer, paired. An input is a byte of options (bits 0-2: split by errno,
 * process, late gates; bit 3: ABIs by the dispatcher) and pages of 512 bytes, whose records have
 * the ids of the formats below.
 */
#include "show.h"

#include <errno.h>

#include "engine/decode.h"
#include "target/process.h"

#define PAGE 512

#define COMMON                                                                         \
	"format:\n"                                                                    \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"         \
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"         \
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n" \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
#define FIELD(type, name, offset, size) \
	"\tfield:" type " " name ";\toffset:" #offset ";\tsize:" #size ";\tsigned:1;\n"
#define PRINT "\nprint fmt: \"\"\n"

static const struct {
	const char *system, *event, *format;
	enum role role;
} events[] = {
	{ "raw_syscalls", "sys_enter",
	  "name: sys_enter\nID: 1\n" COMMON FIELD("long", "id", 8, 8) PRINT, ROLE_ENTER },
	{ "raw_syscalls", "sys_exit",
	  "name: sys_exit\nID: 2\n" COMMON FIELD("long", "id", 8, 8) FIELD("long", "ret", 16, 8)
		  PRINT,
	  ROLE_EXIT },
	{ "task", "task_newtask",
	  "name: task_newtask\nID: 3\n" COMMON FIELD("pid_t", "pid", 8, 4)
		  FIELD("long", "clone_flags", 16, 8) PRINT,
	  ROLE_FORK },
	{ "sched", "sched_process_exec",
	  "name: sched_process_exec\nID: 4\n" COMMON FIELD("__data_loc char[]", "filename", 8, 4)
		  FIELD("pid_t", "pid", 12, 4) FIELD("pid_t", "old_pid", 16, 4) PRINT,
	  ROLE_EXEC },
	{ "sched", "sched_process_exit", "name: sched_process_exit\nID: 5\n" COMMON PRINT,
	  ROLE_TASK_EXIT },
	{ "sysgate", "ia32",
	  "name: ia32\nID: 6\n" COMMON FIELD("u64", "gate", 8, 8) FIELD("s32", "nr", 16, 4) PRINT,
	  ROLE_DISPATCH },
	{ "sysgate", "gate", "name: gate\nID: 7\n" COMMON FIELD("u64", "gate", 8, 8) PRINT,
	  ROLE_GATE },
	{ "sysgate", "ent",
	  "name: ent\nID: 8\n" COMMON FIELD("u32", "gate", 8, 4) FIELD("s32", "nr", 12, 4) PRINT,
	  ROLE_ENTER },
	{ "sysgate", "ext",
	  "name: ext\nID: 9\n" COMMON FIELD("u32", "gate", 8, 4) FIELD("s32", "ret", 12, 4)
		  FIELD("s32", "nr", 16, 4) PRINT,
	  ROLE_EXIT },
};

static const struct gates stubs = {
	.ranges = { { 0x1000, 0x1100, SYSGATE_GATE_SYSCALL, "syscall" },
		    { 0x2000, 0x2100, SYSGATE_GATE_INT80, "int80" } },
	.count = 2,
};

/* Instead of what /proc says of this machine's processes: some of these tasks are there. */
int process_read(pid_t tid, struct process *p)
{
	memset(p, 0, sizeof(*p));
	if (tid & 1)
		return -ESRCH;
	p->tgid = tid & ~6;
	p->uid = (uid_t)tid & 8;
	snprintf(p->comm, sizeof(p->comm), "task %d", tid);
	if (tid & 16)
		p->cgroup = strdup("/some.slice");
	return 0;
}

void process_fini(struct process *p)
{
	free(p->cgroup);
	p->cgroup = NULL;
}

int process_abi(pid_t tid)
{
	return tid & 32 ? SYSGATE_ABI_I386 : SYSGATE_ABI_X86_64;
}

static struct decoder *decoder_of(struct pair *pair)
{
	static struct decoder decoder;
	static struct tep_handle *tep;
	struct sg_error e = { 0 };

	if (!tep) {
		tep = tep_alloc();
		fuzz_must(tep);
		decoder_init(&decoder, NULL);
		for (size_t i = 0; i < ARRAY_SIZE(events); i++)
			fuzz_must(!decoder_add(&decoder, tep, events[i].system, events[i].event,
					       events[i].format, events[i].role, SYSGATE_ABI_I386,
					       &e));
	}
	decoder.pair = pair;
	return &decoder;
}

static void run_page(struct decoder *d, const uint8_t *data, size_t size)
{
	uint8_t page[PAGE + RING_PAGE_SLACK] = { 0 };
	struct ring_cursor c;

	memcpy(page, data, size);
	if (!ring_cursor_init(&c, page, PAGE, 8))
		decoder_gap(d, c.ts);
	while (c.data)
		decoder_run(d, &c, c.ts);
}

static void check_snapshot(struct pair *pair)
{
	struct snapshot *s = snapshot_new();
	const struct conservation *c = &s->conservation;

	fuzz_must(s && !pair_snapshot(pair, 1000, s));
	/* Whatever came, each entry is accounted for. */
	fuzz_must(c->entries == c->exits + c->in_flight + c->never_returned + c->lost);
	snapshot_sort(s);
	fuzz_show(s);
	snapshot_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pair_options options = { .gates = &stubs };
	static struct pair pair;
	struct decoder *d;

	if (!size)
		return 0;
	options.dims = data[0] & (DIM_ERRNO | DIM_PROC);
	options.gate_late = data[0] & 4;
	options.abi_by_dispatch = data[0] & 8;
	fuzz_must(!pair_init(&pair, &options));
	d = decoder_of(&pair);
	for (size_t at = 1; at < size; at += PAGE)
		run_page(d, data + at, size - at < PAGE ? size - at : PAGE);
	check_snapshot(&pair);
	pair_fini(&pair);
	return 0;
}
