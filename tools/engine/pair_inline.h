/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of pair.h that every event goes through, inlined into the loop over a page's events:
 * here instructions are counted. Whatever is not the plain case is handed to pair.c.
 */
#ifndef SYSGATE_ENGINE_PAIR_INLINE_H
#define SYSGATE_ENGINE_PAIR_INLINE_H

#define pair_likely(x)	 __builtin_expect(!!(x), 1)
#define pair_unlikely(x) __builtin_expect(!!(x), 0)

void pair_slow_enter(struct pair *p, pid_t tid, uint64_t ts, int64_t nr, uint64_t address);
void pair_slow_exit(struct pair *p, pid_t tid, uint64_t ts, int64_t nr, int64_t ret,
		    uint64_t address);
struct cell *pair_slow_cell(struct pair *p, const struct task *t, int err);
void pair_count_error(struct cell *c, struct task *t, int err);
void pair_note_user(struct pair *p, struct task *t, pid_t tid);

/* Returns that the kernel keeps to itself: the call is to be entered again. */
static inline bool pair_is_restart(int err)
{
	return err >= 512 && err <= 516;
}

/* 1..4095: what a call returned, negated, when it is an error of any kind; else 0. */
static inline int pair_error(int64_t ret)
{
	return (uint64_t)ret > (uint64_t)-4096 ? (int)-ret : 0;
}

static inline struct cell *pair_cell(struct pair *p, const struct task *t, int err)
{
	struct cell **fast = p->fast[t->abi][t->gate];

	if (pair_likely(fast && (uint32_t)t->nr < PAIR_FAST_CALLS && fast[t->nr]))
		return fast[t->nr];
	return pair_slow_cell(p, t, err);
}

/* A pair is whole: counts it. The stamp is used up. */
static inline void pair_fold(struct pair *p, struct task *t, uint64_t end, int64_t ret)
{
	uint64_t ns = pair_ns(p, pair_likely(end > t->ts) ? end - t->ts : 0);
	int err = pair_error(ret);
	struct cell *c;

	t->state = TASK_OUT;
	p->conservation.exits++;
	c = pair_cell(p, t, err);
	if (pair_unlikely(!c)) {
		p->loss.pool_full++;
		return;
	}
	c->count++;
	c->total_ns += ns;
	c->sumsq_ns += (double)(int64_t)ns * (double)(int64_t)ns;
	if (pair_unlikely(ns < c->min_ns))
		c->min_ns = ns;
	if (pair_unlikely(ns > c->max_ns))
		c->max_ns = ns;
	c->hist[sysgate_hist_index(ns)]++;
	if (pair_unlikely(err))
		pair_count_error(c, t, err);
}

static inline void pair_enter(struct pair *p, struct task *t, pid_t tid, uint64_t ts, int64_t nr,
			      uint64_t address)
{
	if (pair_unlikely(!t || t->flags != TASK_PLAIN || t->state != TASK_OUT || address ||
			  (uint64_t)nr >= PAIR_FAST_CALLS)) {
		pair_slow_enter(p, tid, ts, nr, address);
		return;
	}
	t->ts = ts;
	t->nr = (int32_t)nr;
	t->state = TASK_IN;
	t->abi = t->image_abi;
	t->gate = SYSGATE_GATE_UNKNOWN;
	p->conservation.entries++;
}

static inline void pair_exit(struct pair *p, struct task *t, pid_t tid, uint64_t ts, int64_t nr,
			     int64_t ret, uint64_t address)
{
	if (pair_unlikely(!t || t->flags != TASK_PLAIN || t->state != TASK_IN || address ||
			  t->ts < p->lost_before || p->options.gate_late ||
			  t->abi == SYSGATE_ABI_I386)) {
		pair_slow_exit(p, tid, ts, nr, ret, address);
		return;
	}
	pair_fold(p, t, ts, ret);
	if (pair_unlikely(p->tasks.track) && !ret)
		pair_note_user(p, t, tid);
}

#endif
