// SPDX-License-Identifier: GPL-2.0-or-later
/* From the kernel's format files and binary records to pairs. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "engine/decode.h"

#define COMMON                                                                         \
	"format:\n"                                                                    \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"         \
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"         \
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n" \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"

static const char enter_64[] =
	"name: sys_enter\nID: 401\n" COMMON "\tfield:long id;\toffset:8;\tsize:8;\tsigned:1;\n"
	"\tfield:unsigned long args[6];\toffset:16;\tsize:48;\tsigned:0;\n\n"
	"print fmt: \"NR %ld (%lx)\", REC->id, REC->args[0]\n";

static const char exit_64[] =
	"name: sys_exit\nID: 400\n" COMMON "\tfield:long id;\toffset:8;\tsize:8;\tsigned:1;\n"
	"\tfield:long ret;\toffset:16;\tsize:8;\tsigned:1;\n\n"
	"print fmt: \"NR %ld = %ld\", REC->id, REC->ret\n";

static const char enter_32[] =
	"name: sys_enter\nID: 401\n" COMMON "\tfield:long id;\toffset:8;\tsize:4;\tsigned:1;\n"
	"\tfield:unsigned long args[6];\toffset:12;\tsize:24;\tsigned:0;\n\n"
	"print fmt: \"NR %ld (%lx)\", REC->id, REC->args[0]\n";

static const char exit_32[] =
	"name: sys_exit\nID: 400\n" COMMON "\tfield:long id;\toffset:8;\tsize:4;\tsigned:1;\n"
	"\tfield:long ret;\toffset:12;\tsize:4;\tsigned:1;\n\n"
	"print fmt: \"NR %ld = %ld\", REC->id, REC->ret\n";

static const char newtask[] =
	"name: task_newtask\nID: 120\n" COMMON "\tfield:pid_t pid;\toffset:8;\tsize:4;\tsigned:1;\n"
	"\tfield:char comm[16];\toffset:12;\tsize:16;\tsigned:0;\n"
	"\tfield:unsigned long clone_flags;\toffset:32;\tsize:8;\tsigned:0;\n"
	"\tfield:short oom_score_adj;\toffset:40;\tsize:2;\tsigned:1;\n\n"
	"print fmt: \"pid=%d comm=%s clone_flags=%lx oom_score_adj=%hd\", REC->pid, REC->comm, "
	"REC->clone_flags, REC->oom_score_adj\n";

static const char exec[] =
	"name: sched_process_exec\nID: 310\n" COMMON
	"\tfield:__data_loc char[] filename;\toffset:8;\tsize:4;\tsigned:0;\n"
	"\tfield:pid_t pid;\toffset:12;\tsize:4;\tsigned:1;\n"
	"\tfield:pid_t old_pid;\toffset:16;\tsize:4;\tsigned:1;\n\n"
	"print fmt: \"filename=%s pid=%d old_pid=%d\", __get_str(filename), REC->pid, "
	"REC->old_pid\n";

static const char task_exit[] =
	"name: sched_process_exit\nID: 315\n" COMMON
	"\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
	"\tfield:pid_t pid;\toffset:24;\tsize:4;\tsigned:1;\n"
	"\tfield:int prio;\toffset:28;\tsize:4;\tsigned:1;\n\n"
	"print fmt: \"comm=%s pid=%d prio=%d\", REC->comm, REC->pid, REC->prio\n";

static const char probe[] =
	"name: x64\nID: 1700\n" COMMON
	"\tfield:unsigned long __probe_ip;\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:u64 gate;\toffset:16;\tsize:8;\tsigned:0;\n"
	"\tfield:s32 nr;\toffset:24;\tsize:4;\tsigned:1;\n\n"
	"print fmt: \"(%lx) gate=%Lu nr=%d\", REC->__probe_ip, REC->gate, REC->nr\n";

static const struct gates stub = {
	.ranges = { { 0xffffffff81000000, 0xffffffff81000100, SYSGATE_GATE_INT80, "stub" } },
	.count = 1,
};

/* A decoder with its pairing, and a page of records. */
static struct {
	struct pair pair;
	struct decoder decoder;
	struct tep_handle *tep;
	uint8_t page[4096 + RING_PAGE_SLACK];
	size_t at;
} t;

static void setup(uint32_t dims)
{
	const struct pair_options o = { .gates = &stub, .dims = dims };

	ck_assert_int_eq(pair_init(&t.pair, &o), 0);
	decoder_init(&t.decoder, &t.pair);
	t.tep = tep_alloc();
	memset(t.page, 0, sizeof(t.page));
	t.at = 16;
}

static void teardown(void)
{
	pair_fini(&t.pair);
	tep_free(t.tep);
}

static int add(const char *system, const char *event, const char *format, enum role role)
{
	struct sg_error e = { 0 };
	int ret = decoder_add(&t.decoder, t.tep, system, event, format, role, SYSGATE_ABI_I386, &e);

	ck_assert(!ret == !e.text[0]);
	return ret;
}

static void setup_64(uint32_t dims)
{
	setup(dims);
	ck_assert_int_eq(add("raw_syscalls", "sys_enter", enter_64, ROLE_ENTER), 0);
	ck_assert_int_eq(add("raw_syscalls", "sys_exit", exit_64, ROLE_EXIT), 0);
	ck_assert_int_eq(add("task", "task_newtask", newtask, ROLE_FORK), 0);
	ck_assert_int_eq(add("sched", "sched_process_exec", exec, ROLE_EXEC), 0);
	ck_assert_int_eq(add("sched", "sched_process_exit", task_exit, ROLE_TASK_EXIT), 0);
	ck_assert_int_eq(add("sysgate_1", "x64", probe, ROLE_DISPATCH), 0);
}

/* The records of the 64-bit formats above, by their ids. */
struct record {
	uint16_t id;
	uint16_t flags;
	int32_t pid;
	union {
		int64_t nr_ret[7];
		struct {
			int32_t child;
			char comm[16], pad[4];
			uint64_t flags;
		} fork;
		struct {
			uint32_t name;
			int32_t pid, old;
			char text[20];
		} exec;
		struct {
			uint64_t ip, gate;
			int32_t nr;
		} probe;
	};
};

static void put(const void *record, size_t size)
{
	uint32_t head = 10 << 5 | (uint32_t)((size + 3) / 4);

	memcpy(t.page + t.at, &head, 4);
	memcpy(t.page + t.at + 4, record, size);
	t.at += 4 + (size + 3) / 4 * 4;
}

static void put_enter(int32_t pid, int64_t nr, size_t size)
{
	const struct record r = { .id = 401, .pid = pid, .nr_ret = { nr } };

	put(&r, size);
}

static void put_exit(int32_t pid, int64_t nr, int64_t ret, size_t size)
{
	const struct record r = { .id = 400, .pid = pid, .nr_ret = { nr, ret } };

	put(&r, size);
}

static void run_page(size_t long_size)
{
	struct ring_cursor c;
	uint32_t commit = (uint32_t)(t.at - 8 - long_size);

	memcpy(t.page + 8, &commit, 4);
	ring_cursor_init(&c, t.page, 4096, long_size);
	if (c.data)
		decoder_run(&t.decoder, &c, UINT64_MAX);
	ck_assert_ptr_null(c.data);
}

static struct cell *cell_of(int abi, int gate, int nr)
{
	struct key key = { .abi = (uint8_t)abi, .gate = (uint8_t)gate, .nr = nr };

	return cells_get(&t.pair.cells, &key);
}

#define TASK 4190000 /* no task has it */

START_TEST(pairs)
{
	setup_64(0);
	for (int i = 0; i < 5; i++) {
		put_enter(TASK, 1, 64);
		put_exit(TASK, 1, i ? 5 : -9, 24);
	}
	run_page(8);
	ck_assert_uint_eq(t.pair.conservation.exits, 5);
	ck_assert_uint_eq(cell_of(0, 0, 1)->count, 5);
	ck_assert_uint_eq(cell_of(0, 0, 1)->errors, 1);
	ck_assert_uint_eq(cell_of(0, 0, 1)->total_ns, 50);
	teardown();
}
END_TEST

START_TEST(pairs_32)
{
	const int32_t in[] = { 401, TASK, 1, 0, 0, 0, 0, 0, 0 }, out[] = { 400, TASK, 1, -9 };

	setup(0);
	ck_assert_int_eq(add("raw_syscalls", "sys_enter", enter_32, ROLE_ENTER), 0);
	ck_assert_int_eq(add("raw_syscalls", "sys_exit", exit_32, ROLE_EXIT), 0);
	t.at = 12;
	put(in, sizeof(in));
	put(out, sizeof(out));
	run_page(4);
	ck_assert_uint_eq(cell_of(0, 0, 1)->count, 1);
	ck_assert_uint_eq(cell_of(0, 0, 1)->errors, 1);
	teardown();
}
END_TEST

START_TEST(lives)
{
	struct record fork = { .id = 120, .pid = TASK, .fork = { .child = TASK + 1 } };
	struct record run = { .id = 310,
			      .pid = TASK + 1,
			      .exec = { 8U << 16 | 20, TASK + 1, TASK + 1, "/b/prog" } };
	struct record end = { .id = 315, .pid = TASK + 1 };
	struct task *child;

	setup_64(DIM_PROC);
	put(&fork, 44);
	put_exit(TASK + 1, 56, 0, 24);
	put_enter(TASK + 1, 59, 64);
	put(&run, 28);
	put_exit(TASK + 1, 59, 0, 24);
	run_page(8);
	child = tasks_get(&t.pair.tasks, TASK + 1);
	ck_assert_int_eq(child->image_abi, SYSGATE_ABI_X86_64);
	ck_assert_str_eq(t.pair.tasks.procs[child->proc].comm, "prog");
	ck_assert_uint_eq(t.pair.conservation.exits, 1);
	t.at = 16;
	put_enter(TASK + 1, 231, 64);
	put(&end, 32);
	run_page(8);
	ck_assert_uint_eq(t.pair.conservation.never_returned, 1);
	ck_assert_uint_eq(t.pair.loss.unpaired_exits, 0);
	teardown();
}
END_TEST

START_TEST(dispatched)
{
	struct record in = { .id = 1700, .pid = TASK, .probe = { 0, 0xffffffff81000010, 20 } };

	setup_64(0);
	put(&in, 28);
	put_exit(TASK, 20, 7, 24);
	run_page(8);
	ck_assert_uint_eq(cell_of(SYSGATE_ABI_I386, SYSGATE_GATE_INT80, 20)->count, 1);
	teardown();
}
END_TEST

/* Also those whose string lies beyond their end: the name stays what it was. */
START_TEST(short_records)
{
	struct record run = { .id = 310, .pid = TASK, .exec = { 0, TASK, TASK, "/b/prog" } };
	static const uint32_t names[] = {
		0, 20, 60000U << 16 | 20, 8U << 16 | 0xffff, UINT32_MAX, 7U << 16 | 20
	};
	const struct task *task;

	setup_64(DIM_PROC);
	for (size_t size = 4; size < 64; size += 4)
		put_enter(TASK, 1, size);
	run_page(8);
	/* Those which have the number are entries all the same. */
	ck_assert_uint_eq(t.pair.conservation.entries, (64 - 16) / 4);
	t.at = 16;
	for (size_t size = 4; size < 24; size += 4)
		put_exit(TASK, 1, 0, size);
	run_page(8);
	ck_assert_uint_eq(t.pair.conservation.exits, 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		t.at = 16;
		run.exec.name = names[i];
		put(&run, 28);
		run_page(8);
	}
	task = tasks_get(&t.pair.tasks, TASK);
	ck_assert_str_eq(t.pair.tasks.procs[task->proc].comm, "");
	teardown();
}
END_TEST

START_TEST(foreign_records)
{
	setup_64(0);
	for (int id = 0; id < 65536; id += 3) {
		struct record r = { .id = (uint16_t)id, .pid = -id };

		if (id == 120 || id == 310 || id == 315 || id == 400 || id == 401 || id == 1700)
			continue;
		t.at = 16;
		put(&r, (size_t)(4 + id % 60));
		run_page(8);
	}
	ck_assert_uint_eq(t.pair.conservation.entries, 0);
	ck_assert_uint_eq(t.pair.conservation.before_attach, 0);
	teardown();
}
END_TEST

START_TEST(limit)
{
	struct ring_cursor c;
	uint32_t commit;

	setup_64(0);
	for (int i = 0; i < 4; i++)
		put_enter(TASK + i, 1, 64);
	commit = (uint32_t)(t.at - 16);
	memcpy(t.page + 8, &commit, 4);
	ring_cursor_init(&c, t.page, 4096, 8);
	decoder_run(&t.decoder, &c, 20);
	ck_assert_uint_eq(t.pair.conservation.entries, 2);
	ck_assert_uint_eq(c.ts, 30);
	decoder_gap(&t.decoder, 99);
	ck_assert_uint_eq(t.pair.lost_before, 99);
	teardown();
}
END_TEST

/* How an event is printed does not matter, and may be what libtraceevent cannot take. */
START_TEST(printed_oddly)
{
	static const char *const prints[] = { "\"%d\", 1 % 0\n", "\"%d\", REC->id % 0 +\n", "" };
	char format[2048];

	for (size_t i = 0; i < ARRAY_SIZE(prints); i++) {
		setup(0);
		snprintf(format, sizeof(format), "%.*sprint fmt: %s",
			 (int)(strstr(enter_64, "print fmt:") - enter_64), enter_64, prints[i]);
		ck_assert_int_eq(add("raw_syscalls", "sys_enter", format, ROLE_ENTER), 0);
		put_enter(TASK, 1, 64);
		run_page(8);
		ck_assert_uint_eq(t.pair.conservation.entries, 1);
		teardown();
	}
}
END_TEST

START_TEST(refused)
{
	static const char *const formats[] = {
		"",
		"name: sys_enter\n",
		"name: sys_enter\nID: 70000\n" COMMON
		"\tfield:long id;\toffset:8;\tsize:8;\tsigned:1;\n\nprint fmt: \"\"\n",
		"name: other\nID: 401\n" COMMON
		"\tfield:long id;\toffset:8;\tsize:8;\tsigned:1;\n\nprint fmt: \"\"\n",
		"name: sys_enter\nID: 401\n" COMMON
		"\tfield:long args;\toffset:8;\tsize:8;\tsigned:1;\n\nprint fmt: \"\"\n",
		"name: sys_enter\nID: 401\n" COMMON
		"\tfield:long id;\toffset:8;\tsize:2;\tsigned:1;\n\nprint fmt: \"\"\n",
		"name: sys_enter\nID: 401\n" COMMON
		"\tfield:long id;\toffset:4;\tsize:8;\tsigned:1;\n\nprint fmt: \"\"\n",
		"name: sys_enter\nID: 401\n" COMMON
		"\tfield:long id;\toffset:100000;\tsize:8;\tsigned:1;\n\nprint fmt: \"\"\n",
		"name: sys_enter\nID: 401\n" COMMON
		"\tfield:char[\a id;\toffset:8;\tsize:8;\tsigned:1;\n\nprint fmt: \"\"\n",
		"name: sys_enter\nID: 401\n" COMMON
		"\tfield:long id;\toffset:8;\tsize:8;\n\nprint fmt: \"\"\n",
		"\xff\xfe\x01{}{}{}{}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		setup(0);
		ck_assert_msg(add("raw_syscalls", "sys_enter", formats[i], ROLE_ENTER) == -EPROTO,
			      "format %zu", i);
		/* What was refused is no event of ours. */
		put_enter(TASK, 1, 64);
		run_page(8);
		ck_assert_uint_eq(t.pair.conservation.entries, 0);
		teardown();
	}
}
END_TEST

/* The same event more often than there is room. */
START_TEST(room)
{
	int ret = 0;

	setup(0);
	for (int i = 1; i < DECODER_SOURCES && !ret; i++)
		ret = add("raw_syscalls", "sys_enter", enter_64, ROLE_ENTER);
	ck_assert_int_eq(ret, 0);
	ck_assert_int_eq(add("raw_syscalls", "sys_enter", enter_64, ROLE_ENTER), -EPROTO);
	teardown();
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "records of a 64-bit kernel become pairs", pairs },
		{ "records of a 32-bit kernel become pairs", pairs_32 },
		{ "forks, execs and ends are followed", lives },
		{ "a probe on the dispatcher tells ABI and gate", dispatched },
		{ "records that are too short are skipped", short_records },
		{ "records of other events are skipped", foreign_records },
		{ "the time limit is kept, a gap is told", limit },
		{ "formats are read whatever is to be printed", printed_oddly },
		{ "formats without what is needed are refused", refused },
		{ "too many events are refused", room },
	};

	return unit_main("decode", cases, ARRAY_SIZE(cases));
}
