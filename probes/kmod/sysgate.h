/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The module's own types.
 *
 * An entry writes a stamp, an exit folds the time since into a cell. The stamp belongs to the task
 * and is found by the address of its struct pt_regs, which is the same for every call of a task and
 * no other's; the cell belongs to the CPU. So no handler ever writes what another CPU writes, takes
 * a lock, or allocates; what does (a task's first call, its end) is in the slow paths.
 */
#ifndef SYSGATE_KMOD_H
#define SYSGATE_KMOD_H

#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <asm/ptrace.h>

#include "sysgate_abi.h"
#include "compat/compat.h"

#define SG_NAME "sysgate"

/* ---- stamps (stamp.c) ---- */

/* One task, in one cache line. */
struct sg_stamp {
	unsigned long key;     /* of its pt_regs, with a tag below; 0: free */
	u64 word __aligned(8); /* the number it entered with, or what is below */
	u64 time;	       /* of the entry, in ticks */
	unsigned long ip;      /* at the entry; not by the hot gate of 64 bits */
	u32 who;
	pid_t tgid, tid;
	u32 last;    /* what a general exit took it out of, packed; SG_NO_LAST */
	u64 wait;    /* ticks off the CPU in this call; less the clock's while it is off */
	u32 stopped; /* the call that restart_syscall goes on with: number and ABI; 0: none */
	u32 site;    /* where it entered from, when that is asked for */
} ____cacheline_aligned;

/* Tags of a key: pt_regs are aligned. A tagged key makes the hot paths take the slow one. */
#define SG_KNOWN   1UL /* belongs to the asked ones, has not entered since the attach */
#define SG_IGNORED 2UL
#define SG_TAGS	   3UL
#define SG_REMOVED (~0UL) /* was taken, others may lie behind it */

/*
 * Words are the numbers as the hooks have them, sign-extended, and these. A number that came by
 * another gate than the hot one has SG_OTHER set, and gate and ABI below it: beyond every number
 * that the hot path takes. sg_origin_of_word() takes it apart.
 */
#define SG_OTHER      (1ULL << 40)
#define SG_OTHER_GATE 32
#define SG_OTHER_ABI  36
#define SG_SKIPPED    (1ULL << 62) /* entered, but not to be counted */
/*
 * In no call: the upper half alone is one of these, the lower one is the number that the task came
 * out with. No number of a hook looks so.
 */
#define SG_IDLE_HOT  0x80000000U /* by a hot exit */
#define SG_IDLE_ANY  0x80000001U /* by another; then last tells */
#define SG_IDLE	     ((u64)SG_IDLE_ANY << 32)
#define SG_IDLE_NEW  (SG_IDLE | 1) /* the task has not been seen to enter */
#define SG_HOT_CALLS 512

#define SG_NO_LAST (~0U)

static inline bool sg_is_idle(u64 word)
{
	return (u32)(word >> 32) - SG_IDLE_HOT <= 1;
}

/* In a call that counts. */
static inline bool sg_is_in_call(u64 word)
{
	return !sg_is_idle(word) && word != SG_SKIPPED;
}

#define SG_STAMPS_LOG 15
#define SG_STAMPS     (1UL << SG_STAMPS_LOG)
#define SG_PROBES     64 /* how far a stamp may lie from its home */

/* Two stacks are that far apart at least: with guard pages, or without. */
#ifdef CONFIG_VMAP_STACK
#define SG_STACKS_APART (2 * THREAD_SIZE)
#else
#define SG_STACKS_APART THREAD_SIZE
#endif
#define SG_STAMP_SHIFT (ilog2(SG_STACKS_APART) - ilog2(sizeof(struct sg_stamp)))
#define SG_STAMP_MASK  ((SG_STAMPS - 1) * sizeof(struct sg_stamp))

/* Static, so that a stamp's address is the table's plus what two instructions make of the key. */
extern struct sg_stamp sg_stamps[SG_STAMPS + SG_PROBES + 1];
/* The last one is nobody's and later than every exit. */
#define SG_NOT_HOME ((SG_STAMPS + SG_PROBES) * sizeof(struct sg_stamp))

static __always_inline struct sg_stamp *sg_stamp_home(const struct pt_regs *regs)
{
	unsigned long offset = ((unsigned long)regs >> SG_STAMP_SHIFT) & SG_STAMP_MASK;

	return (struct sg_stamp *)((char *)sg_stamps + offset);
}

/* The task's stamp, whatever its tag; NULL: it has none. */
struct sg_stamp *sg_stamp_find(const struct pt_regs *regs);
/* The same, made with that tag when there is none; NULL: no room, for the caller to count. */
struct sg_stamp *sg_stamp_get(struct task_struct *task, const struct pt_regs *regs,
			      unsigned long tag);
void sg_stamp_remove(struct sg_stamp *s);
void sg_stamps_reset(void);
/* How many tasks are in a call that counts. */
u64 sg_stamps_in_call(void);
/* Fills list.calls; 0 or -EFAULT. */
int sg_stamps_in_flight(struct sysgate_in_flight_list *list);

/* ---- cells (cells.c) ---- */

struct sg_bucket {
	u64 key; /* the first eight bytes of the cell */
	u32 who;
	u32 cell; /* bytes from the pool's beginning; 0: free */
};

/* Recently used cells by who and number: of the hot gate, of calls that did not fail. */
struct sg_hot {
	u64 key; /* of sg_keyed_key() */
	struct sysgate_cell *cell;
};
#define SG_KEYED_LOG 9

static __always_inline u64 sg_keyed_key(u32 nr, u32 who)
{
	return (u64)who << 32 | nr;
}

static __always_inline u32 sg_keyed_slot(u32 nr, u32 who)
{
	return (nr + 37 * who) & ((1U << SG_KEYED_LOG) - 1);
}

struct sg_cpu {
	struct sysgate_cell **hot; /* by number, of the hot gate; sg_no_cell where there is none */
	struct sg_hot *keyed;
	u64 entries;
	struct sysgate_pool *pool; /* NULL: the CPU was never there */
	struct sg_bucket *hash;
	u32 odd; /* cells of numbers beyond every table */
	u64 pool_full, stamps_full, whos_full, suppressed, before_attach, stamps_lost, abi_unknown;
	u64 sites_full, sites_unseen;
};
DECLARE_PER_CPU(struct sg_cpu, sg_cpu);

struct sg_key {
	s32 nr;
	u16 err;
	u8 gate, abi;
	u32 who;
};

extern struct sysgate_cell sg_no_cell; /* has no octave */

int sg_cells_init(unsigned int pool_bytes);
void sg_cells_exit(void);
void sg_cells_reset(void);
unsigned int sg_cells_memory(void); /* bytes a CPU */
/* This CPU's cell, made when it is new; NULL: the pool is full, counted. Preemption is off. */
struct sysgate_cell *sg_cell_get(const struct sg_key *key);
/* Makes room for times whose highest bit is bit; false: the pool is full. */
bool sg_cell_octave(struct sysgate_cell *cell, unsigned int bit);
/* Makes it the one that the hot path finds. */
void sg_cell_hot(struct sysgate_cell *cell);

/* ---- who (who.c) ---- */

#define SG_WHOS	 8192
#define SG_SITES 8192

int sg_whos_init(void);
void sg_whos_exit(void);
void sg_whos_reset(void);
u32 sg_whos_count(void);
struct sysgate_who *sg_whos(void);
/* The index for a task as it is now; 0: no room, counted. exec: another image than before. */
u32 sg_who_get(struct task_struct *task, bool exec);
/* Its process ends: the id may be given to another. */
void sg_who_gone(struct task_struct *task);

/* ---- sites (site.c) ---- */

/* Makes room, when that is asked for the first time. 0 or -ENOMEM. */
int sg_sites_init(void);
void sg_sites_exit(void);
/* Forgets all, and lets go of the modules' files; may sleep. */
void sg_sites_reset(void);
u32 sg_sites_count(void);
struct sysgate_site *sg_sites(void); /* NULL: no room was made */
unsigned int sg_sites_memory(void);  /* bytes */
/* Where the current task is about to enter from; 0: not seen, counted. */
u32 sg_site_get(const struct pt_regs *regs);
/* Fills the path of out.module; 0, -ENOENT. May sleep. */
int sg_site_module(struct sysgate_module *out);

/* ---- what is asked for (config.c) ---- */

/* In one place what the handlers read. */
struct sg_setup {
	unsigned long hot_word; /* the return address of the hot gate; 0: not seen yet */
	u64 mult;		/* ns = ticks * mult >> SG_CLOCK_SHIFT */
	DECLARE_BITMAP(hot_calls, SG_HOT_CALLS); /* with filtered: by the hot gate */
	bool tsc, tree, filtered, filtered_who, by_who, by_errno, by_task, by_site, wait,
		count_only, no_sysret, closing;
	u8 hot_gate, hot_abi;
	u32 net_ns;
	pid_t ignored; /* tgid of the collector; 0: count it */
	pid_t helper;  /* of what reads for it; 0: nothing does */
};
extern struct sg_setup sg_setup;
extern struct sysgate_config sg_config;

static inline bool sg_is_ignored(pid_t tgid)
{
	return tgid == sg_setup.ignored || tgid == sg_setup.helper;
}

/* Makes sg_setup of sg_config. */
void sg_config_apply(void);
/* request.c: takes over a configuration from user space. 0 or -errno. */
int sg_config_set(const struct sysgate_config __user *from);
void sg_config_exit(void);
extern struct sysgate_point *sg_points;
extern s32 *sg_tids;
/* Every condition holds for current and this call. */
bool sg_config_match(u8 gate, u8 abi, s32 nr);
/* Puts on record the asked tasks and the ignored ones. */
int sg_config_know_tasks(void);

/* ---- gates (gate.c) ---- */

struct sg_origin {
	u8 gate, abi;
	s32 nr; /* without x32's bit */
};
/* By the word below regs; learns the hot gate's. nr: as the hook has it. */
struct sg_origin sg_origin(struct task_struct *task, const struct pt_regs *regs, s32 nr);

/* The same of a call that a task was stamped with; for x32 the hook's number. */
struct sg_origin sg_origin_of_word(u64 word);
u64 sg_word(const struct sg_origin *o, s32 nr);
/* Of restart_syscall makes the call that the task was stopped in. */
void sg_resume(const struct sg_stamp *s, struct sg_origin *o);
bool sg_is_restart_syscall(u8 abi, s32 nr);

/* ---- time ---- */

#ifdef CONFIG_64BIT
#define SG_CLOCK_SHIFT 32
#else
#define SG_CLOCK_SHIFT 28
#endif
void sg_clock_init(void);
u64 sg_clock_slow(void);
u64 sg_ns(u64 ticks);

/* ---- hooks ---- */

enum sg_hook {
	SG_HOOK_ENTER,
	SG_HOOK_EXIT,
	SG_HOOK_TASK_EXIT,
	SG_HOOK_EXEC,
	SG_HOOK_FORK,
	SG_HOOK_SIGNAL,
	SG_HOOK_SWITCH,
	SG_HOOK_CGROUP,
	SG_HOOKS
};

typedef void (*sg_enter_fn)(void *data, struct pt_regs *regs, long nr);
typedef void (*sg_exit_fn)(void *data, struct pt_regs *regs, long ret);

/* The cheapest way that does what is asked (handlers.c). */
enum sg_path {
	SG_PATH_ANY,
	SG_PATH_COUNT,
	SG_PATH_TIMED,
	SG_PATH_KEYED, /* by who */
};
enum sg_path sg_path(void);
/* Its handlers. */
sg_enter_fn sg_enter_choose(void);
sg_exit_fn sg_exit_choose(void);

/* life.c: as each tracepoint calls its hooks; attach.c checks the types. */
void sg_on_task_exit(void *data, struct task_struct *task SG_GROUP_DEAD);
struct linux_binprm;
void sg_on_exec(void *data, struct task_struct *task, pid_t old_pid, struct linux_binprm *bprm);
void sg_on_fork(void *data, struct task_struct *parent, struct task_struct *child);
struct kernel_siginfo;
struct k_sigaction;
void sg_on_signal(void *data, int sig, struct kernel_siginfo *info, struct k_sigaction *action);
void sg_on_switch(void *data, bool preempt, struct task_struct *prev,
		  struct task_struct *next SG_PREV_STATE);
struct cgroup;
void sg_on_cgroup(void *data, struct cgroup *to, const char *path, struct task_struct *task,
		  bool threads);
/* handlers.c: what a call was in that is not to return. */
void sg_never_returned(struct sg_stamp *s);

/* attach.c */
int sg_attach(void);
void sg_detach(void);
extern bool sg_attached;
extern u64 sg_attached_at, sg_detached_at; /* ticks */
extern u64 sg_attached_mono; /* ns of the clock that tasks are dated by, before the first hook */

/* kprobe.c */
/* Something to call with a return probe on it. */
long sg_calibrated(struct pt_regs *regs, unsigned int nr);
int sg_kprobes_register(sg_enter_fn enter, sg_exit_fn exit);
void sg_kprobes_unregister(void);
u64 sg_kprobes_missed(void);

/* calibrate.c */
int sg_calibrate(struct sysgate_calibration *out);

/* device.c */
int sg_device_init(void);
void sg_device_exit(void);
void sg_counters(struct sysgate_counters *out);

#endif
