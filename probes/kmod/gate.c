// SPDX-License-Identifier: GPL-2.0-only
/* The gate, by the return address into its stub that lies below pt_regs during the whole call. */
#include "sysgate.h"

#include <linux/sched/task_stack.h>

#define X32_BIT 0x40000000

/* A word in none of the ranges: SystemTap's scripts learn another one from it. */
#ifndef sg_gate_unknown
#define sg_gate_unknown(word) SYSGATE_GATE_UNKNOWN
#endif

#ifdef CONFIG_64BIT
/* FRED has one way in: the event that it delivered lies in the slot of ss. */
static u8 fred_abi(const struct pt_regs *regs)
{
	u64 event = *((const u64 *)regs + 20);
	unsigned int type = event >> 48 & 15, vector = event >> 32 & 255;

	return type == 7 && vector == 1 ? SYSGATE_ABI_X86_64 : SYSGATE_ABI_I386;
}

static u8 native_abi(struct task_struct *task)
{
	return task_thread_info(task)->status & TS_COMPAT ? SYSGATE_ABI_I386 : SYSGATE_ABI_X86_64;
}
#else
static u8 fred_abi(const struct pt_regs *regs)
{
	return SYSGATE_ABI_I386;
}

static u8 native_abi(struct task_struct *task)
{
	return SYSGATE_ABI_I386;
}
#endif

static u8 gate_of(unsigned long word)
{
	u32 i;

	/* The call can be the stub's last instruction: then it returns to behind it. */
	word--;
	for (i = 0; i < sg_config.ranges_count; i++)
		if (word >= sg_config.ranges[i].start && word < sg_config.ranges[i].end)
			return sg_config.ranges[i].gate;
	return sg_gate_unknown(word);
}

static void tell_x32(struct sg_origin *o)
{
	if (o->abi == SYSGATE_ABI_X86_64 && o->nr >= 0 && o->nr & X32_BIT) {
		o->abi = SYSGATE_ABI_X32;
		o->nr &= ~X32_BIT;
	}
}

struct sg_origin sg_origin(struct task_struct *task, const struct pt_regs *regs, s32 nr)
{
	unsigned long word = ((const unsigned long *)regs)[-1];
	struct sg_origin o = { .gate = gate_of(word), .nr = nr };

	switch (o.gate) {
	case SYSGATE_GATE_SYSCALL:
		o.abi = SYSGATE_ABI_X86_64;
		break;
	case SYSGATE_GATE_FRED:
		o.abi = fred_abi(regs);
		break;
	case SYSGATE_GATE_UNKNOWN:
		o.abi = native_abi(task);
		break;
	default:
		o.abi = SYSGATE_ABI_I386;
	}
	tell_x32(&o);
	if (o.gate && o.gate == sg_setup.hot_gate && !READ_ONCE(sg_setup.hot_word))
		WRITE_ONCE(sg_setup.hot_word, word);
	return o;
}

u64 sg_word(const struct sg_origin *o, s32 nr)
{
	if (o->gate == sg_setup.hot_gate)
		return (s64)nr;
	return SG_OTHER | (u64)o->gate << SG_OTHER_GATE | (u64)o->abi << SG_OTHER_ABI | (u32)o->nr;
}

struct sg_origin sg_origin_of_word(u64 word)
{
	struct sg_origin o = { sg_setup.hot_gate, sg_setup.hot_abi, (s32)word };

	/* A negative number of the hot gate has all the bits above. */
	if (word & SG_OTHER && !(word >> 41)) {
		o.gate = word >> SG_OTHER_GATE & 15;
		o.abi = word >> SG_OTHER_ABI & 15;
	} else {
		tell_x32(&o);
	}
	return o;
}

bool sg_is_restart_syscall(u8 abi, s32 nr)
{
	return nr == (abi == SYSGATE_ABI_I386 ? 0 : 219);
}

void sg_resume(const struct sg_stamp *s, struct sg_origin *o)
{
	if (sg_is_restart_syscall(o->abi, o->nr) && (s->stopped & 3) == o->abi)
		o->nr = s->stopped >> 2;
}
