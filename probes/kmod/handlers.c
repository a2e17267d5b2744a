// SPDX-License-Identifier: GPL-2.0-only
/*
 * The handlers: what happens at each entry and exit of a call. The hot ones (hot.h) do the default
 * and nothing else; the general ones here can do everything.
 */
#include "hot.h"
#include "sysgate.h"

#define is_restart(ret) ((ret) <= -512 && (ret) >= -516)

static struct sg_origin origin_of(const struct pt_regs *regs, s32 nr)
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

/* ---- exits ---- */

/* For a signal that changes the way back: which cell of fast exits it was counted in. */
static u32 pack_last(const struct sg_key *key, u8 exit)
{
	if (exit != SYSGATE_EXIT_SYSRET && exit != SYSGATE_EXIT_SYSEXIT)
		return SG_NO_LAST;
	if ((u32)key->nr >= 1 << 14)
		return SG_NO_LAST;
	return 1U << 31 | (u32)key->gate << 28 | (u32)(key->abi == SYSGATE_ABI_X32) << 27 |
	       (u32)key->err << 14 | (u32)key->nr;
}

/* setuid, setreuid, setresuid, setfsuid; on i386 those of 16 bits too. */
static bool sets_user(u8 abi, s32 nr)
{
	if (abi == SYSGATE_ABI_I386)
		return nr == 23 || nr == 70 || nr == 138 || nr == 164 || nr == 203 || nr == 208 ||
		       nr == 213 || nr == 215;
	return nr == 105 || nr == 113 || nr == 117 || nr == 122;
}

/* A call that needs the general exit each time. */
static bool is_special(u8 abi, s32 nr)
{
	return sg_is_restart_syscall(abi, nr) || (sg_setup.by_who && sets_user(abi, nr));
}

/* The next ones of its kind will find the cell by the hot path, where there is one for them. */
static void warm(struct sysgate_cell *cell, u64 word)
{
	if (word < SG_HOT_CALLS && !cell->err && !is_special(cell->abi, word))
		sg_cell_hot(cell);
}

static bool make_octave(struct sysgate_cell *cell, u64 ns)
{
	unsigned long bit = sg_bit_of(ns | 1 << SYSGATE_OCTAVE_LOW);

	return cell->octave[bit - SYSGATE_OCTAVE_LOW] || sg_cell_octave(cell, bit);
}

/* The bucket of a time that is too short for the hot path is the first one. */
static void add_time(struct sysgate_cell *cell, u64 ns)
{
	unsigned long bit = sg_bit_of(ns | 1 << SYSGATE_OCTAVE_LOW);

	if (likely(ns >= 1 << SYSGATE_OCTAVE_LOW)) {
		sg_add_time(cell, ns, bit, cell->octave[bit - SYSGATE_OCTAVE_LOW]);
		return;
	}
	((u64 *)cell)[cell->octave[0]]++;
	cell->total_ns += ns;
	cell->min_ns = min(cell->min_ns, ns);
	cell->max_ns = max(cell->max_ns, ns);
	sg_add_square(cell, ns);
}

/* What its cell is told apart by. */
static u32 who_of(const struct sg_stamp *s)
{
	if (sg_setup.by_site)
		return s->site;
	return sg_setup.by_who ? s->who : 0;
}

static void fold(struct sg_stamp *s, const struct pt_regs *regs, long ret, u64 word, u64 ns)
{
	struct sg_origin o = origin_of_word(s, word);
	struct sg_key key = { .nr = o.nr, .gate = o.gate, .abi = o.abi, .who = who_of(s) };
	struct sysgate_cell *cell;
	bool error;
	u8 exit = SYSGATE_EXIT_UNKNOWN;

	if (o.abi == SYSGATE_ABI_I386)
		ret = (s32)ret;
	if (ret == -516)
		s->stopped = (u32)o.nr << 2 | o.abi;
	error = (unsigned long)ret >= (unsigned long)-4095 && !is_restart(ret);
	if (sg_setup.by_errno && error)
		key.err = -ret;
	cell = sg_cell_get(&key);
	if (sg_setup.by_who && sets_user(o.abi, o.nr))
		s->who = sg_who_get(current, false);
	if (unlikely(!cell))
		return;
	if (!sg_setup.count_only) {
		ns -= min_t(u64, ns, sg_setup.net_ns);
		if (!make_octave(cell, ns))
			return;
		exit = sg_leaves(s, regs, o.gate, ret);
	}
	warm(cell, word);
	/* Of another who's cell no signal takes it out. */
	s->last = key.who == (sg_setup.by_who ? s->who : 0) ? pack_last(&key, exit) : SG_NO_LAST;
	sg_begin_write(cell);
	if (!sg_setup.count_only)
		add_time(cell, ns);
	if (sg_setup.wait)
		cell->wait_ns += min(ns, sg_ticks_ns(s->wait));
	cell->errors += error;
	cell->restarts += is_restart(ret);
	cell->exits[exit]++;
	sg_end_write(cell);
}

void sg_never_returned(struct sg_stamp *s)
{
	struct sg_origin o = origin_of_word(s, s->word);
	struct sg_key key = { .nr = o.nr, .gate = o.gate, .abi = o.abi, .who = who_of(s) };
	struct sysgate_cell *cell;

	cell = sg_cell_get(&key);
	if (!cell)
		return;
	sg_begin_write(cell);
	cell->never_returned++;
	sg_end_write(cell);
}

/* ---- who is to be counted ---- */

/* A task's first call, or one of a task that is not to be counted: NULL. */
static struct sg_stamp *admit(struct sg_stamp *s, const struct pt_regs *regs)
{
	if (!s) {
		if (sg_setup.tree)
			return NULL;
		if (sg_is_ignored(current->tgid))
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

/* An exit without an entry. */
static void exit_alone(struct sg_stamp *s, const struct pt_regs *regs)
{
	struct sg_origin o = sg_origin(current, regs, regs->orig_ax);

	/* A new task comes out of the call that it never went into. */
	if (o.gate == SYSGATE_GATE_UNKNOWN || READ_ONCE(sg_setup.closing))
		return;
	if (!s || s->key & SG_TAGS) {
		/* i386 from 6.5 on has a new task's word in a stub: it is no older than the attach.
		 */
		if (current->start_time >= sg_attached_mono)
			return;
		s = admit(s, regs);
		if (!s)
			return;
		s->word = SG_IDLE_NEW;
	}
	if (sg_setup.filtered && !sg_config_match(o.gate, o.abi, o.nr))
		return;
	/* Exits are seen before entries are: a task that calls often has some that are both. */
	if (s->word == SG_IDLE_NEW)
		raw_cpu_inc(sg_cpu.before_attach);
	else
		raw_cpu_inc(sg_cpu.suppressed);
}

/* ---- the general handlers ---- */

static struct sg_stamp *find(const struct pt_regs *regs)
{
	struct sg_stamp *s = sg_stamp_home(regs);

	return likely(s->key == (unsigned long)regs) ? s : sg_stamp_find(regs);
}

noinline void sg_enter_any(void *data, struct pt_regs *regs, long nr)
{
	struct sg_stamp *s = find(regs);
	struct sg_origin o;
	u64 word;

	if (unlikely(!s || s->key & SG_TAGS)) {
		bool had_none = !s;

		s = admit(s, regs);
		if (!s) {
			if (had_none && !sg_setup.tree && !sg_is_ignored(current->tgid))
				raw_cpu_inc(sg_cpu.stamps_full);
			return;
		}
	}
	o = origin_of(regs, nr);
	word = sg_word(&o, nr);
	sg_resume(s, &o);
	if (unlikely(sg_is_in_call(s->word)))
		raw_cpu_inc(sg_cpu.stamps_lost);
	if (sg_setup.filtered && !sg_config_match(o.gate, o.abi, o.nr)) {
		WRITE_ONCE(s->word, SG_SKIPPED);
		return;
	}
	s->ip = regs->ip;
	s->wait = 0;
	if (sg_setup.by_site)
		s->site = sg_site_get(regs);
	raw_cpu_inc(sg_cpu.entries);
	if (!sg_setup.count_only)
		s->time = sg_clock();
	barrier();
	WRITE_ONCE(s->word, word);
}

static void leave(struct sg_stamp *s, const struct pt_regs *regs, long ret, u64 ns)
{
	u64 word = s->word;

	if (unlikely(sg_is_idle(word))) {
		exit_alone(s, regs);
		return;
	}
	s->last = SG_NO_LAST;
	WRITE_ONCE(s->word, SG_IDLE);
	if (word != SG_SKIPPED)
		fold(s, regs, ret, word, ns);
}

noinline void sg_exit_timed(u64 ns, struct pt_regs *regs, long ret)
{
	leave(sg_stamp_home(regs), regs, ret, ns);
}

noinline void sg_exit_any(void *data, struct pt_regs *regs, long ret)
{
	struct sg_stamp *s = find(regs);
	u64 now = sg_setup.count_only ? 0 : sg_clock();

	if (likely(s && !(s->key & SG_TAGS)))
		leave(s, regs, ret, now > s->time ? sg_ticks_ns(now - s->time) : 0);
	else if (s || !sg_setup.tree)
		exit_alone(s, regs);
}

/* ---- as the hooks call them ---- */

static notrace void on_enter(void *data, struct pt_regs *regs, long nr)
{
	sg_begin();
	if (unlikely(!sg_hot_enter(regs, nr, true)))
		sg_enter_any(data, regs, nr);
	sg_end();
}

/* Of the asked calls alone: those who make others pay little. */
static __always_inline void enter_asked(void *data, struct pt_regs *regs, long nr, bool timed)
{
	unsigned long at = sg_hot_at(regs);

	if (unlikely(!sg_hot_gate(regs)) || unlikely((unsigned long)nr >= SG_HOT_CALLS) ||
	    unlikely(sg_hot_key(at) != (unsigned long)regs))
		sg_enter_any(data, regs, nr);
	else if (test_bit(nr, sg_setup.hot_calls))
		sg_hot_stamp(at, regs, nr, timed);
	else if (unlikely(sg_is_restart_syscall(sg_setup.hot_abi, nr)))
		sg_enter_any(data, regs, nr);
	else
		WRITE_ONCE(sg_hot_word(at), SG_SKIPPED);
}

static notrace void on_enter_asked(void *data, struct pt_regs *regs, long nr)
{
	sg_begin();
	enter_asked(data, regs, nr, true);
	sg_end();
}

static notrace void on_enter_asked_count(void *data, struct pt_regs *regs, long nr)
{
	sg_begin();
	enter_asked(data, regs, nr, false);
	sg_end();
}

static __always_inline void exit_timed(void *data, struct pt_regs *regs, long ret, bool keyed)
{
	unsigned long at = sg_hot_at(regs);
	u64 ns;

	if (unlikely(sg_hot_key(at) != (unsigned long)regs))
		sg_exit_any(data, regs, ret);
	else if (unlikely(!sg_hot_exit(at, regs, ret, keyed, false, &ns)))
		sg_exit_timed(ns, regs, ret);
}

static notrace void on_exit(void *data, struct pt_regs *regs, long ret)
{
	sg_begin();
	exit_timed(data, regs, ret, false);
	sg_end();
}

static notrace void on_exit_keyed(void *data, struct pt_regs *regs, long ret)
{
	sg_begin();
	exit_timed(data, regs, ret, true);
	sg_end();
}

static notrace void on_enter_count(void *data, struct pt_regs *regs, long nr)
{
	sg_begin();
	if (unlikely(!sg_hot_enter(regs, nr, false)))
		sg_enter_any(data, regs, nr);
	sg_end();
}

static notrace void on_exit_count(void *data, struct pt_regs *regs, long ret)
{
	unsigned long at = sg_hot_at(regs);

	sg_begin();
	if (unlikely(sg_hot_key(at) != (unsigned long)regs) ||
	    unlikely(!sg_hot_exit_count(at, ret)))
		sg_exit_any(data, regs, ret);
	sg_end();
}

static notrace void on_enter_any(void *data, struct pt_regs *regs, long nr)
{
	sg_begin();
	sg_enter_any(data, regs, nr);
	sg_end();
}

static notrace void on_exit_any(void *data, struct pt_regs *regs, long ret)
{
	sg_begin();
	sg_exit_any(data, regs, ret);
	sg_end();
}

enum sg_path sg_path(void)
{
	if (sg_setup.filtered_who || sg_setup.by_site || sg_setup.wait || sg_setup.net_ns ||
	    sg_setup.no_sysret)
		return SG_PATH_ANY;
	if (sg_setup.count_only)
		return sg_setup.by_who ? SG_PATH_ANY : SG_PATH_COUNT;
	if (!sg_setup.tsc)
		return SG_PATH_ANY;
	return sg_setup.by_who ? SG_PATH_KEYED : SG_PATH_TIMED;
}

sg_enter_fn sg_enter_choose(void)
{
	static const sg_enter_fn handlers[] = { [SG_PATH_ANY] = on_enter_any,
						[SG_PATH_COUNT] = on_enter_count,
						[SG_PATH_TIMED] = on_enter,
						[SG_PATH_KEYED] = on_enter };
	static const sg_enter_fn asked[] = { [SG_PATH_ANY] = on_enter_any,
					     [SG_PATH_COUNT] = on_enter_asked_count,
					     [SG_PATH_TIMED] = on_enter_asked,
					     [SG_PATH_KEYED] = on_enter_asked };

	if (sg_setup.filtered)
		return asked[sg_path()];
	return handlers[sg_path()];
}

sg_exit_fn sg_exit_choose(void)
{
	static const sg_exit_fn handlers[] = { [SG_PATH_ANY] = on_exit_any,
					       [SG_PATH_COUNT] = on_exit_count,
					       [SG_PATH_TIMED] = on_exit,
					       [SG_PATH_KEYED] = on_exit_keyed };

	return handlers[sg_path()];
}
