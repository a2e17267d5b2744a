// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls explained: every one of the tables, and those whose ABIs differ most, word for word. */
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "target/explain.h"

static const char amd64[] = "ffffffff81000000 T _stext\n"
			    "ffffffff81100000 T __x64_sys_clone\n"
			    "ffffffff81100100 T __ia32_sys_clone\n"
			    "ffffffff81100200 T __ia32_compat_sys_ia32_clone\n"
			    "ffffffff81100300 T __x64_sys_fadvise64\n"
			    "ffffffff81100400 T __ia32_sys_fadvise64\n"
			    "ffffffff81100500 T __ia32_sys_ia32_fadvise64\n"
			    "ffffffff81100600 T __ia32_sys_io_pgetevents\n"
			    "ffffffff81100700 W __ia32_sys_io_pgetevents_time32\n"
			    "ffffffff81100800 T __ia32_compat_sys_io_pgetevents\n"
			    "ffffffff81100900 W __x64_sys_lookup_dcookie\n"
			    "ffffffff81100a00 T __x64_sys_ni_syscall\n"
			    "ffffffff81100b00 T __x64_compat_sys_ioctl\n"
			    "ffffffff81100c00 T __x64_sys_set_thread_area\n"
			    "ffffffff81100d00 T __ia32_compat_sys_epoll_pwait\n"
			    "ffffffff81100e00 T __ia32_sys_epoll_pwait\n";

static struct syscalls *names;
static char table[32];

static struct explainer *explainer(const char *symbols)
{
	struct explain_ask ask = { .kallsyms = table };
	struct explainer *r;
	int fd;

	strcpy(table, "/tmp/check_explain.XXXXXX");
	fd = mkstemp(table);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, symbols, strlen(symbols)), (ssize_t)strlen(symbols));
	close(fd);
	names = names ? names : syscalls_new(NULL);
	ck_assert_ptr_nonnull(names);
	ask.names = names;
	r = explainer_new(&ask);
	ck_assert_ptr_nonnull(r);
	unlink(table);
	return r;
}

/* "NAME=REGISTER[:REGISTER] ..." of the first, second or third of an ABI's gates. */
static void carried(const struct explain_call *c, size_t gate, char *text, size_t size)
{
	int gates[4];
	size_t n = 0;

	ck_assert_uint_lt(gate, explain_gates(c->abi, gates));
	text[0] = '\0';
	for (size_t i = 0; i < c->count; i++) {
		const struct explain_argument *a = &c->arguments[i];

		n += (size_t)snprintf(text + n, size - n, "%s%s=%s", n ? " " : "", a->name,
				      explain_register(gates[gate], a->first));
		if (a->slots == 2)
			n += (size_t)snprintf(text + n, size - n, ":%s",
					      explain_register(gates[gate], a->first + 1u));
	}
}

static const struct {
	const char *call;
	int abi;
	int32_t nr;
	size_t gate;
	const char *handler, *carried;
} rows[] = {
	{ "clone", SYSGATE_ABI_X86_64, 56, 0, "__x64_sys_clone",
	  "clone_flags=rdi newsp=rsi parent_tidptr=rdx child_tidptr=r10 tls=r8" },
	{ "clone", SYSGATE_ABI_X32, 56, 0, "__x64_sys_clone",
	  "clone_flags=rdi newsp=rsi parent_tidptr=rdx child_tidptr=r10 tls=r8" },
	{ "clone", SYSGATE_ABI_I386, 120, 0, "__ia32_compat_sys_ia32_clone",
	  "clone_flags=ebx newsp=ecx parent_tidptr=edx tls=esi child_tidptr=edi" },
	{ "clone", SYSGATE_ABI_I386, 120, 2, "__ia32_compat_sys_ia32_clone",
	  "clone_flags=ebx newsp=ebp parent_tidptr=edx tls=esi child_tidptr=edi" },
	{ "mmap", SYSGATE_ABI_X86_64, 9, 0, "",
	  "addr=rdi len=rsi prot=rdx flags=r10 fd=r8 off=r9" },
	{ "mmap", SYSGATE_ABI_X32, 9, 0, "", "addr=rdi len=rsi prot=rdx flags=r10 fd=r8 off=r9" },
	{ "mmap", SYSGATE_ABI_I386, 90, 0, "", "arg=ebx" },
	{ "mmap2", SYSGATE_ABI_I386, 192, 0, "",
	  "addr=ebx len=ecx prot=edx flags=esi fd=edi pgoff=ebp" },
	{ "mmap2", SYSGATE_ABI_I386, 192, 1, "",
	  "addr=ebx len=ecx prot=edx flags=esi fd=edi pgoff=[ebp]" },
	{ "mmap2", SYSGATE_ABI_I386, 192, 2, "",
	  "addr=ebx len=ebp prot=edx flags=esi fd=edi pgoff=[esp]" },
	{ "fadvise64", SYSGATE_ABI_X86_64, 221, 0, "__x64_sys_fadvise64",
	  "fd=rdi offset=rsi len=rdx advice=r10" },
	{ "fadvise64", SYSGATE_ABI_X32, 221, 0, "__x64_sys_fadvise64",
	  "fd=rdi offset=rsi len=rdx advice=r10" },
	{ "fadvise64", SYSGATE_ABI_I386, 250, 0, "__ia32_sys_ia32_fadvise64",
	  "fd=ebx offset_lo=ecx offset_hi=edx len=esi advice=edi" },
	{ "fadvise64_64", SYSGATE_ABI_I386, 272, 1, "",
	  "fd=ebx offset_low=ecx offset_high=edx len_low=esi len_high=edi advice=[ebp]" },
	{ "io_pgetevents", SYSGATE_ABI_I386, 385, 0, "__ia32_compat_sys_io_pgetevents",
	  "ctx_id=ebx min_nr=ecx nr=edx events=esi timeout=edi usig=ebp" },
	{ "epoll_pwait", SYSGATE_ABI_I386, 319, 0, "__ia32_sys_epoll_pwait",
	  "epfd=ebx events=ecx maxevents=edx timeout=esi sigmask=edi sigsetsize=ebp" },
	{ "getppid", SYSGATE_ABI_I386, 64, 0, "", "" },
};

static const struct explain_call *of_abi(const struct explain *x, int abi)
{
	for (size_t i = 0; i < x->count; i++)
		if (x->calls[i].abi == abi)
			return &x->calls[i];
	return NULL;
}

START_TEST(abis)
{
	struct explainer *r = explainer(amd64);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sg_error e = { 0 };
		const struct explain_call *c;
		struct explain x;
		char text[256];

		ck_assert_int_eq(explain_read(&x, r, rows[i].call, &e), 0);
		c = of_abi(&x, rows[i].abi);
		ck_assert_ptr_nonnull(c);
		ck_assert_int_eq(c->nr, rows[i].nr);
		ck_assert_str_eq(c->handler, rows[i].handler);
		ck_assert_int_eq(c->here, rows[i].handler[0] != '\0');
		carried(c, rows[i].gate, text, sizeof(text));
		ck_assert_msg(!strcmp(text, rows[i].carried), "%s: %s", rows[i].call, text);
		explain_fini(&x);
	}
	explainer_free(r);
}
END_TEST

/* Numbers that no Linux has had a call for: nothing is known of them. */
static const char *const never[] = { "afs_syscall", "break",   "ftime",	  "getpmsg",
				     "gtty",	    "idle",    "lock",	  "mpx",
				     "prof",	    "profil",  "putpmsg", "security",
				     "stty",	    "tuxcall", "ulimit",  "vserver" };

struct counting {
	const struct explainer *explainer;
	size_t count;
};

static bool was_never(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		if (!strcmp(never[i], name))
			return true;
	return false;
}

/* What comes by one name and ABI is a call with a type and a name for each of its registers. */
static void check_call(int abi, int32_t nr, const char *name, void *data)
{
	struct counting *counting = data;
	struct sg_error e = { 0 };
	const struct explain_call *c;
	struct explain x;
	size_t slots = 0;

	/* Newer than this test; x32's own begin at 512. */
	if (nr > 471 && nr < 512)
		return;
	ck_assert_int_eq(explain_read(&x, counting->explainer, name, &e), 0);
	c = of_abi(&x, abi);
	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(c->nr, nr);
	ck_assert_msg((c->source == EXPLAIN_NONE) == was_never(name), "%s of %s: %s", name,
		      abi_name(abi), explain_source_name(c->source));
	for (size_t i = 0; i < c->count; i++) {
		const struct explain_argument *a = &c->arguments[i];

		ck_assert_msg(a->slots && a->first == slots, "%s: no register", name);
		ck_assert_msg(a->type[0] && a->name[0], "%s: '%s' '%s'", name, a->type, a->name);
		slots += a->slots;
	}
	ck_assert_uint_le(slots, EXPLAIN_ARGUMENTS);
	counting->count++;
	explain_fini(&x);
}

START_TEST(all)
{
	struct counting counting = { .explainer = explainer(amd64) };

	for (int abi = SYSGATE_ABI_UNKNOWN + 1; abi < SYSGATE_ABIS; abi++)
		syscalls_each(names, abi, check_call, &counting);
	ck_assert_uint_gt(counting.count, 1100);
	explainer_free((struct explainer *)counting.explainer);
}
END_TEST

START_TEST(numbers)
{
	struct explainer *r = explainer(amd64);
	struct sg_error e = { 0 };
	struct explain x;

	ck_assert_int_eq(explain_read(&x, r, "64", &e), 0);
	ck_assert_uint_eq(x.count, 3);
	ck_assert_str_eq(of_abi(&x, SYSGATE_ABI_X86_64)->name, "semget");
	ck_assert_str_eq(of_abi(&x, SYSGATE_ABI_I386)->name, "getppid");
	explain_fini(&x);
	ck_assert_int_eq(explain_read(&x, r, "#384", &e), 0);
	ck_assert_str_eq(of_abi(&x, SYSGATE_ABI_I386)->name, "arch_prctl");
	explain_fini(&x);
	ck_assert_int_eq(explain_read(&x, r, "99999", &e), -ENOENT);
	explain_fini(&x);
	ck_assert_int_eq(explain_read(&x, r, "raed", &e), -ENOENT);
	ck_assert_str_eq(e.text, "no ABI has a call 'raed'");
	explain_fini(&x);
	explainer_free(r);
}
END_TEST

START_TEST(missing)
{
	struct explainer *r = explainer(amd64);
	struct sg_error e = { 0 };
	struct explain x;

	/* Built without, and never for that ABI, whatever the symbols. */
	ck_assert_int_eq(explain_read(&x, r, "lookup_dcookie", &e), 0);
	ck_assert(!of_abi(&x, SYSGATE_ABI_X86_64)->here);
	explain_fini(&x);
	ck_assert_int_eq(explain_read(&x, r, "set_thread_area", &e), 0);
	ck_assert(!of_abi(&x, SYSGATE_ABI_X86_64)->here);
	explain_fini(&x);
	explainer_free(r);
	/* Without symbols what is known is told, and why the rest is not. */
	r = explainer("");
	ck_assert_int_eq(explain_read(&x, r, "read", &e), 0);
	ck_assert_uint_eq(x.notes_count, 1);
	ck_assert_uint_eq(of_abi(&x, SYSGATE_ABI_X86_64)->count, 3);
	explain_fini(&x);
	explainer_free(r);
}
END_TEST

/* Does a wrapper's name belong to a call? */
START_TEST(library)
{
	static const char *const texts[][2] = {
		{ "clone", "fn and arg never reach the kernel" },
		{ "clone", "the order of the last two differs" },
		{ "mmap", "mmap2" },
		{ "fadvise64", "returns the error itself" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const struct wrapper *w = NULL;
		bool found = false;

		while ((w = wrapper_next(w, texts[i][0])))
			found |= strstr(w->text, texts[i][1]) != NULL;
		ck_assert_msg(found, "%s: %s", texts[i][0], texts[i][1]);
	}
	ck_assert_ptr_null(wrapper_next(NULL, "no_such_call"));
}
END_TEST

int main(void)
{
	const struct unit_case cases[] = {
		{ "numbers, handlers and registers are right where ABIs differ", abis },
		{ "every call of the tables has its arguments, or never was", all },
		{ "a number is explained for each ABI", numbers },
		{ "what a kernel lacks is told", missing },
		{ "how the C library differs is told", library },
	};

	return unit_main("explain", cases, ARRAY_SIZE(cases));
}
