// SPDX-License-Identifier: GPL-2.0-only
/*
 * The handlers: what happens at each entry and exit of a call.
 *
 * There are two pairs of hot ones, which do the default and nothing else: calls through the
 * commonest gate, the time by the time stamp counter, no filter but the task's own. Whatever they
 * find different they hand to the general ones, which can do everything. docs/design.md says where
 * each instruction goes.
 */
#include "clock.h"
#include "leave.h"
#include "sysgate.h"

#define restarts(ret) ((ret) <= -512 && (ret) >= -516)

/* ---- the cell ---- */

static __always_inline void begin_write(struct sysgate_cell *cell)
{
#ifndef CONFIG_64BIT
	cell->seq++;
	barrier();
#endif
}

static __always_inline void end_write(struct sysgate_cell *cell)
{
#ifndef CONFIG_64BIT
	barrier();
	cell->seq++;
#endif
}

/* The highest bit of a time, at least 3. */
static __always_inline unsigned int octave_of(u64 ns)
{
	return 63 - __builtin_clzll(ns | 1 << SYSGATE_OCTAVE_LOW);
}

static __always_inline void add_square(struct sysgate_cell *cell, u64 ns)
{
#ifdef CONFIG_64BIT
	asm("mulq %%rax\n\t"
	    "addq %%rax, %1\n\t"
	    "adcq %%rdx, %2"
	    : "+a"(ns), "+m"(cell->sumsq_low), "+m"(cell->sumsq_high)
	    :
	    : "rdx", "cc");
#else
	u64 low = (u64)(u32)ns * (u32)ns, high = (ns >> 32) * (ns >> 32);
	u64 middle = (ns >> 32) * (u32)ns; /* twice, at 2^32 */

	low += middle << 33;
	high += (middle >> 31) + (low < middle << 33);
	cell->sumsq_low += low;
	cell->sumsq_high += high + (cell->sumsq_low < low);
#endif
}

/* Adds a time whose octave is there. */
static __always_inline void add_time(struct sysgate_cell *cell, u64 ns, unsigned int bit, u32 octave)
{
	u64 *bucket = (u64 *)cell + octave + ((ns >> (bit - SYSGATE_OCTAVE_LOW)) & 7);

	(*bucket)++;
	cell->total_ns += ns;
	if (unlikely(ns < cell->min_ns))
		cell->min_ns = ns;
	if (unlikely(ns > cell->max_ns))
		cell->max_ns = ns;
	add_square(cell, ns);
}

/* ---- the general handlers ---- */

static __always_inline struct sg_origin origin_of(const struct pt_regs *regs, s32 nr)
{
	/* The hot gate's numbers below x32's bit need no look at the ranges. */
	if (likely(((const unsigned long *)regs)[-1] == sg_setup.hot_word && (u32)nr < 1 << 30))
		return (struct sg_origin){ sg_setup.hot_gate, sg_setup.hot_abi, nr };
	return sg_origin(current, regs, nr);
}

static struct sg_origin origin_of_word(const struct sg_stamp *s, u64 word)
{
	struct sg_origin o = sg_origin_of_word(word);

	sg_resume(s, &o);
	return o;
}

/* Takes a call out of its cell of fast exits again when a signal changes its way. */
static __always_inline u32 pack_last(const struct sg_key *key, u8 exit)
{
	if (exit != SYSGATE_EXIT_SYSRET && exit != SYSGATE_EXIT_SYSEXIT)
		return SG_NO_LAST;
	if ((u32)key->nr >= 1 << 14)
		return SG_NO_LAST;
	return 1U << 31 | (u32)key->gate << 28 | (u32)(key->abi == SYSGATE_ABI_X32) << 27 |
	       (u32)key->err << 14 | (u32)key->nr;
}

static void fold(struct sg_stamp *s, const struct pt_regs *regs, long ret, u64 word, u64 now)
{
	struct sg_origin o = origin_of_word(s, word);
	struct sg_key key = { .nr = o.nr, .gate = o.gate, .abi = o.abi };
	struct sysgate_cell *cell;
	unsigned int bit;
	bool error;
	u64 ns;
	u8 exit;

	if (o.abi == SYSGATE_ABI_I386)
		ret = (s32)ret;
	if (ret == -516)
		s->stopped = (u32)o.nr << 2 | o.abi;
	error = (unsigned long)ret >= (unsigned long)-4095 && !restarts(ret);
	if (sg_setup.by) {
		key.who = s->who;
		if (sg_setup.by_errno && error)
			key.err = -ret;
	}
	cell = sg_cell_get(&key);
	if (unlikely(!cell))
		return;
	if (!sg_setup.count_only) {
		ns = likely(now > s->time) ? sg_ticks_ns(now - s->time) : 0;
		ns -= min_t(u64, ns, sg_setup.net_ns);
		bit = octave_of(ns);
		if (unlikely(!cell->octave[bit - SYSGATE_OCTAVE_LOW]) && !sg_cell_octave(cell, bit))
			return;
	}
	if (!sg_setup.by && word < SG_HOT_CALLS && !sg_is_restart_syscall(sg_setup.hot_abi, word))
		sg_cell_hot(cell);
	exit = sg_setup.count_only ? SYSGATE_EXIT_UNKNOWN : sg_leaves(s, regs, o.gate, ret);
	s->last = pack_last(&key, exit);
	begin_write(cell);
	if (!sg_setup.count_only)
		add_time(cell, ns, bit, cell->octave[bit - SYSGATE_OCTAVE_LOW]);
	if (sg_setup.wait)
		cell->wait_ns += sg_ticks_ns(s->wait);
	cell->errors += error;
	cell->restarts += restarts(ret);
	cell->exits[exit]++;
	end_write(cell);
}

/* A task's first call, or one of a task that is not to be counted: NULL. */
static noinline struct sg_stamp *admit(struct sg_stamp *s, const struct pt_regs *regs)
{
	if (!s) {
		if (sg_setup.tree)
			return NULL;
		if (current->tgid == sg_setup.ignored)
			sg_stamp_get(current, regs, SG_IGNORED);
		else
			s = sg_stamp_get(current, regs, 0);
		return s;
	}
	if (s->key & SG_IGNORED)
		return NULL;
	WRITE_ONCE(s->key, (unsigned long)regs);
	return s;
}

static void enter_any(const struct pt_regs *regs, long nr)
{
	struct sg_stamp *s = sg_stamp_home(regs);
	struct sg_origin o;
	u64 word;

	if (unlikely(s->key != (unsigned long)regs)) {
		s = sg_stamp_find(regs);
		if (!s || s->key & SG_TAGS)
			s = admit(s, regs);
		if (!s)
			return;
	}
	o = origin_of(regs, nr);
	word = sg_word(&o, nr);
	sg_resume(s, &o);
	if (unlikely(s->word != SG_IDLE && s->word != SG_SKIPPED))
		raw_cpu_inc(sg_cpu.stamps_lost);
	if (sg_setup.filtered && !sg_config_match(o.gate, o.abi, o.nr)) {
		WRITE_ONCE(s->word, SG_SKIPPED);
		return;
	}
	if (sg_setup.by && unlikely(sg_who_stale(s->who)))
		s->who = sg_who_get(current, false);
	s->ip = regs->ip;
	s->wait = 0;
	WRITE_ONCE(s->word, word);
	raw_cpu_inc(sg_cpu.entries);
	if (!sg_setup.count_only)
		s->time = sg_clock();
}

/* An exit without an entry. */
static noinline void exit_alone(struct sg_stamp *s, const struct pt_regs *regs)
{
	struct sg_origin o = sg_origin(current, regs, regs->orig_ax);

	/* A new task comes out of the call that it never went into. */
	if (o.gate == SYSGATE_GATE_UNKNOWN)
		return;
	if (!s || s->key & SG_TAGS) {
		s = admit(s, regs);
		if (s && (!sg_setup.filtered || sg_config_match(o.gate, o.abi, o.nr)))
			raw_cpu_inc(sg_cpu.before_attach);
		return;
	}
	raw_cpu_inc(sg_cpu.suppressed);
}

/* Of a stamp in hand, whose word has been taken. */
static noinline void exit_rest(struct sg_stamp *s, const struct pt_regs *regs, long ret, u64 word,
			       u64 now)
{
	if (word == SG_SKIPPED)
		return;
	if (unlikely(word == SG_IDLE))
		exit_alone(s, regs);
	else
		fold(s, regs, ret, word, now);
}

static void exit_any(const struct pt_regs *regs, long ret)
{
	struct sg_stamp *s = sg_stamp_home(regs);
	u64 now, word;

	if (unlikely(s->key != (unsigned long)regs)) {
		s = sg_stamp_find(regs);
		if (!s || s->key & SG_TAGS) {
			if (s || !sg_setup.tree)
				exit_alone(s, regs);
			return;
		}
	}
	now = sg_setup.count_only ? 0 : sg_clock();
	word = s->word;
	WRITE_ONCE(s->word, SG_IDLE);
	exit_rest(s, regs, ret, word, now);
}

void sg_never_returned(struct sg_stamp *s)
{
	struct sg_origin o = origin_of_word(s, s->word);
	struct sg_key key = { .nr = o.nr, .gate = o.gate, .abi = o.abi };
	struct sysgate_cell *cell;

	if (sg_setup.by)
		key.who = s->who;
	cell = sg_cell_get(&key);
	if (!cell)
		return;
	begin_write(cell);
	cell->never_returned++;
	end_write(cell);
}

static noinline void enter_other(const struct pt_regs *regs, long nr)
{
	enter_any(regs, nr);
}

static noinline void exit_other(const struct pt_regs *regs, long ret)
{
	exit_any(regs, ret);
}

/* ---- the hot ones ---- */

static __always_inline void stamp_time(struct sg_stamp *s)
{
#ifdef CONFIG_64BIT
	/* The two halves as they come: one instruction less than to put them together. */
	asm volatile("rdtsc\n\t"
		     "movl %%eax, %0\n\t"
		     "movl %%edx, 4+%0"
		     : "=m"(s->time)
		     :
		     : "eax", "edx");
#else
	s->time = sg_tsc();
#endif
}

static __always_inline void enter_hot(const struct pt_regs *regs, long nr, bool timed)
{
	struct sg_stamp *s = sg_stamp_home(regs);

	if (unlikely(s->key != (unsigned long)regs) ||
	    unlikely(((const unsigned long *)regs)[-1] != sg_setup.hot_word)) {
		enter_other(regs, nr);
		return;
	}
	raw_cpu_inc(sg_cpu.entries);
	WRITE_ONCE(s->word, (u64)(s64)nr);
#ifndef CONFIG_64BIT
	s->ip = regs->ip;
#endif
	if (timed)
		stamp_time(s);
}

static __always_inline void exit_hot(const struct pt_regs *regs, long ret)
{
	struct sg_stamp *s = sg_stamp_home(regs);
	struct sysgate_cell *cell;
	unsigned int bit;
	u64 now, word, ns;
	u32 octave;

	if (unlikely(s->key != (unsigned long)regs)) {
		exit_other(regs, ret);
		return;
	}
	now = sg_tsc();
	word = s->word;
	WRITE_ONCE(s->word, SG_IDLE);
	if (unlikely(word >= SG_HOT_CALLS) || unlikely(now < s->time) ||
	    unlikely((unsigned long)ret >= (unsigned long)-4095) ||
#ifdef CONFIG_64BIT
	    unlikely(!sg_leaves_by_sysret(regs)))
#else
	    unlikely(sg_leaves(s, regs, SYSGATE_GATE_SYSENTER, ret) != SG_HOT_EXIT))
#endif
		goto rest;
	cell = raw_cpu_read(sg_cpu.hot)[(u32)word];
	ns = sg_ticks_ns(now - s->time);
	bit = octave_of(ns);
	octave = cell->octave[bit - SYSGATE_OCTAVE_LOW];
	/* Of a cell that is not there neither. */
	if (unlikely(!octave))
		goto rest;
	s->last = word;
	begin_write(cell);
	add_time(cell, ns, bit, octave);
	cell->exits[SG_HOT_EXIT]++;
	end_write(cell);
	return;
rest:
	exit_rest(s, regs, ret, word, now);
}

/* Without a time: how often, and how often in vain. */
static __always_inline void exit_count(const struct pt_regs *regs, long ret)
{
	struct sg_stamp *s = sg_stamp_home(regs);
	struct sysgate_cell *cell;
	u64 word;

	if (unlikely(s->key != (unsigned long)regs)) {
		exit_other(regs, ret);
		return;
	}
	word = s->word;
	WRITE_ONCE(s->word, SG_IDLE);
	if (unlikely(word >= SG_HOT_CALLS) || unlikely((unsigned long)ret >= (unsigned long)-4095))
		goto rest;
	cell = raw_cpu_read(sg_cpu.hot)[(u32)word];
	if (unlikely(cell == &sg_no_cell))
		goto rest;
	begin_write(cell);
	cell->exits[SYSGATE_EXIT_UNKNOWN]++;
	end_write(cell);
	return;
rest:
	exit_rest(s, regs, ret, word, 0);
}

/* ---- as the hooks call them ---- */

static notrace void on_enter(void *data, struct pt_regs *regs, long nr)
{
	sg_begin();
	enter_hot(regs, nr, true);
	sg_end();
}

static notrace void on_exit(void *data, struct pt_regs *regs, long ret)
{
	sg_begin();
	exit_hot(regs, ret);
	sg_end();
}

static notrace void on_enter_count(void *data, struct pt_regs *regs, long nr)
{
	sg_begin();
	enter_hot(regs, nr, false);
	sg_end();
}

static notrace void on_exit_count(void *data, struct pt_regs *regs, long ret)
{
	sg_begin();
	exit_count(regs, ret);
	sg_end();
}

static notrace void on_enter_any(void *data, struct pt_regs *regs, long nr)
{
	sg_begin();
	enter_any(regs, nr);
	sg_end();
}

static notrace void on_exit_any(void *data, struct pt_regs *regs, long ret)
{
	sg_begin();
	exit_any(regs, ret);
	sg_end();
}

static bool plain(void)
{
	return !sg_setup.by && !sg_setup.filtered && !sg_setup.wait && !sg_setup.net_ns &&
	       (sg_setup.tsc || sg_setup.count_only) && !sg_setup.no_sysret;
}

sg_enter_fn sg_enter_choose(void)
{
	return !plain() ? on_enter_any : sg_setup.count_only ? on_enter_count : on_enter;
}

sg_exit_fn sg_exit_choose(void)
{
	return !plain() ? on_exit_any : sg_setup.count_only ? on_exit_count : on_exit;
}
