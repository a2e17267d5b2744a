/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hot paths: what an ordinary call costs. Instructions are counted here; docs/design.md has
 * the account. Whatever is not ordinary leaves by a branch to the general handlers.
 *
 * A stamp's fields are reached by symbols of their own plus its offset in the table: so no
 * instruction goes into the table's address.
 */
#ifndef SYSGATE_KMOD_HOT_H
#define SYSGATE_KMOD_HOT_H

#include "clock.h"
#include "leave.h"
#include "sysgate.h"

/* sg_stamps + the offset of a field; stamp.c makes them. */
extern char sg_stamp_keys[], sg_stamp_words[], sg_stamp_times[];

#define sg_hot_key(at)	(*(unsigned long *)(sg_stamp_keys + (at)))
#define sg_hot_word(at) (*(u64 *)(sg_stamp_words + (at)))
#define sg_hot_time(at) (*(u64 *)(sg_stamp_times + (at)))
/* The upper half alone: the number stays, for a signal to know what the task came out of. */
#define sg_hot_word_high(at) (*(u32 *)(sg_stamp_words + 4 + (at)))

/* The general handlers, with the hooks' own arguments, so that nothing has to be moved. */
void sg_enter_any(void *data, struct pt_regs *regs, long nr);
void sg_exit_any(void *data, struct pt_regs *regs, long ret);
/* An exit whose time was taken and whose stamp is at home. */
void sg_exit_timed(u64 ns, struct pt_regs *regs, long ret);

static __always_inline unsigned long sg_hot_at(const struct pt_regs *regs)
{
	return ((unsigned long)regs >> SG_STAMP_SHIFT) & SG_STAMP_MASK;
}

static __always_inline void sg_hot_stamp_time(unsigned long at)
{
#ifdef CONFIG_64BIT
	/* The two halves as they come: one instruction less than to put them together. */
	asm volatile("rdtsc\n\t"
		     "movl %%eax, sg_stamp_times(%0)\n\t"
		     "movl %%edx, sg_stamp_times+4(%0)"
		     :
		     : "r"(at)
		     : "eax", "edx", "memory");
#else
	sg_hot_time(at) = sg_tsc();
#endif
}

static __always_inline bool sg_hot_gate(const struct pt_regs *regs)
{
	return ((const unsigned long *)regs)[-1] == sg_setup.hot_word;
}

/* Stamps a call that came by the hot gate. Returns whether its stamp is at home. */
static __always_inline bool sg_hot_stamp(unsigned long at, const struct pt_regs *regs, long nr,
					 bool timed)
{
	if (unlikely(sg_hot_key(at) != (unsigned long)regs))
		return false;
	raw_cpu_inc(sg_cpu.entries);
#ifndef CONFIG_64BIT
	((struct sg_stamp *)(sg_stamp_keys + at))->ip = regs->ip;
#endif
	if (timed)
		sg_hot_stamp_time(at);
	/* Last: who finds the number finds its time. */
	barrier();
	WRITE_ONCE(sg_hot_word(at), (u64)(s64)nr);
	return true;
}

/* Returns whether it was a hot one. */
static __always_inline bool sg_hot_enter(const struct pt_regs *regs, long nr, bool timed)
{
	return likely(sg_hot_gate(regs)) && likely(sg_hot_stamp(sg_hot_at(regs), regs, nr, timed));
}

/*
 * A number of a user's choice below SG_HOT_CALLS, for an index: the CPU may have guessed that it is. A
 * mask says so in one instruction, where array_index_nospec() takes three for any size.
 */
static __always_inline unsigned long sg_hot_index(u64 word)
{
	unsigned long nr = word;

	BUILD_BUG_ON_NOT_POWER_OF_2(SG_HOT_CALLS);
	/* The compiler knows what was asked before and would leave the mask out. */
	OPTIMIZER_HIDE_VAR(nr);
	return nr & (SG_HOT_CALLS - 1);
}

static __always_inline bool sg_hot_leaves(const struct sg_stamp *s, const struct pt_regs *regs)
{
#ifdef CONFIG_64BIT
	return sg_leaves_by_sysret(regs);
#else
	return sg_leaves(s, regs, SYSGATE_GATE_SYSENTER, 0) == SG_HOT_EXIT;
#endif
}

static __always_inline void sg_begin_write(struct sysgate_cell *cell)
{
#ifndef CONFIG_64BIT
	cell->seq++;
	barrier();
#endif
}

static __always_inline void sg_end_write(struct sysgate_cell *cell)
{
#ifndef CONFIG_64BIT
	barrier();
	cell->seq++;
#endif
}

static __always_inline void sg_add_square(struct sysgate_cell *cell, u64 ns)
{
#ifdef CONFIG_64BIT
	/* The two halves lie in order: one sum of 128 bits. */
	*(unsigned __int128 *)&cell->sumsq_low += (unsigned __int128)ns * ns;
#else
	u64 low = (u64)(u32)ns * (u32)ns, high = (ns >> 32) * (ns >> 32);
	u64 middle = (ns >> 32) * (u32)ns; /* twice, at 2^32 */

	low += middle << 33;
	high += (middle >> 31) + (low < middle << 33);
	cell->sumsq_low += low;
	cell->sumsq_high += high + (cell->sumsq_low < low);
#endif
}

/* The highest bit of a time of at least 8. */
static __always_inline unsigned long sg_bit_of(u64 ns)
{
#ifdef CONFIG_64BIT
	return __fls(ns);
#else
	return fls64(ns) - 1;
#endif
}

/* Adds a time of at least 8 whose octave is there. */
static __always_inline void sg_add_time(struct sysgate_cell *cell, u64 ns, unsigned long bit,
					unsigned long octave)
{
	unsigned long bucket = ns >> (bit - SYSGATE_OCTAVE_LOW); /* 8 .. 15 */

	bucket += octave;
	((u64 *)cell - 8)[bucket]++;
	cell->total_ns += ns;
	if (unlikely(ns < cell->min_ns))
		cell->min_ns = ns;
	if (unlikely(ns > cell->max_ns))
		cell->max_ns = ns;
	sg_add_square(cell, ns);
}

/* The cell of a call by the hot gate, or one without octaves. */
static __always_inline struct sysgate_cell *sg_hot_cell(unsigned long nr, u32 who, bool keyed)
{
	const struct sg_hot *h;

	if (!keyed)
		return raw_cpu_read(sg_cpu.hot)[nr];
	h = &raw_cpu_read(sg_cpu.keyed)[sg_keyed_slot(nr, who)];
	return likely(h->key == sg_keyed_key(nr, who)) ? h->cell : &sg_no_cell;
}

/*
 * An exit of a task whose stamp is at at. keyed: by who too; checked: its number is known to be a
 * hot one. Nothing is written before all is known to be as usual; else false, and the time and what
 * the caller has are all that is needed to go on, so that the compiler has nothing to save for
 * that.
 */
static __always_inline bool sg_hot_exit(unsigned long at, struct pt_regs *regs, long ret,
					bool keyed, bool checked, u64 *took)
{
	const struct sg_stamp *s = (struct sg_stamp *)(sg_stamp_keys + at);
	s64 ticks = sg_tsc() - sg_hot_time(at);
	struct sysgate_cell *cell;
	unsigned long bit, octave;
	u64 word, ns;

	*took = 0;
	if (unlikely(ticks < 0))
		return false;
	*took = ns = sg_ticks_ns(ticks);
	word = sg_hot_word(at);
	if ((!checked && unlikely(word >= SG_HOT_CALLS)) ||
	    unlikely((unsigned long)ret >= (unsigned long)-4095) ||
	    unlikely(!sg_hot_leaves(s, regs)) || unlikely(ns < 1 << SYSGATE_OCTAVE_LOW))
		return false;
	if (!checked)
		word = sg_hot_index(word);
	cell = sg_hot_cell(word, keyed ? s->who : 0, keyed);
	bit = sg_bit_of(ns);
	octave = cell->octave[bit - SYSGATE_OCTAVE_LOW];
	/* Of a cell that is not there neither. */
	if (unlikely(!octave))
		return false;
	WRITE_ONCE(sg_hot_word_high(at), SG_IDLE_HOT);
	sg_begin_write(cell);
	cell->exits[SG_HOT_EXIT]++;
	sg_add_time(cell, ns, bit, octave);
	sg_end_write(cell);
	return true;
}

/* Without a time: how often, and how often in vain. The stamp is taken only where it was hot. */
static __always_inline bool sg_hot_exit_count(unsigned long at, long ret)
{
	u64 word = sg_hot_word(at);
	struct sysgate_cell *cell;

	if (unlikely(word >= SG_HOT_CALLS) || unlikely((unsigned long)ret >= (unsigned long)-4095))
		return false;
	cell = raw_cpu_read(sg_cpu.hot)[sg_hot_index(word)];
	if (unlikely(cell == &sg_no_cell))
		return false;
	WRITE_ONCE(sg_hot_word_high(at), SG_IDLE_HOT);
	sg_begin_write(cell);
	cell->exits[SYSGATE_EXIT_UNKNOWN]++;
	sg_end_write(cell);
	return true;
}

#endif
