// SPDX-License-Identifier: GPL-2.0-only
/* What is asked for, and whom it is asked about. */
#include "sysgate.h"

#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <asm/cpufeature.h>

struct sg_setup sg_setup __read_mostly;
struct sysgate_config sg_config;
struct sysgate_point *sg_points;
s32 *sg_tids;

static bool call_matches(u8 gate, u8 abi, s32 nr)
{
	if (sg_config.gates_set && !(sg_config.gates & 1U << gate))
		return false;
	if (!sg_config.calls_set)
		return true;
	if ((u32)nr >= SYSGATE_FILTER_CALLS)
		return sg_config.calls_others;
	return sg_config.calls[abi][nr / 64] >> nr % 64 & 1;
}

void sg_config_apply(void)
{
	const struct sysgate_config *c = &sg_config;
	s32 nr;

	memset(&sg_setup, 0, sizeof(sg_setup));
	sg_setup.tree = c->tree;
	sg_setup.filtered_who = c->uids_count || c->cgroups_count || c->comms_count;
	sg_setup.filtered = sg_setup.filtered_who || c->calls_set || c->gates_set;
	sg_setup.by_who = c->by & (SYSGATE_BY_PROCESS | SYSGATE_BY_TASK);
	sg_setup.by_errno = c->by & SYSGATE_BY_ERRNO;
	sg_setup.by_task = c->by & SYSGATE_BY_TASK;
	sg_setup.by_site = c->by & SYSGATE_BY_SITE;
	sg_setup.wait = c->wait;
	sg_setup.net_ns = c->net_ns;
	sg_setup.count_only = c->count_only;
	sg_setup.ignored = c->self ? 0 : current->tgid;
#ifdef CONFIG_64BIT
	sg_setup.hot_gate = SYSGATE_GATE_SYSCALL;
	sg_setup.hot_abi = SYSGATE_ABI_X86_64;
	sg_setup.no_sysret = boot_cpu_has(X86_FEATURE_XENPV);
#else
	sg_setup.hot_gate = SYSGATE_GATE_SYSENTER;
	sg_setup.hot_abi = SYSGATE_ABI_I386;
#endif
	for (nr = 0; nr < SG_HOT_CALLS; nr++)
		if (!sg_is_restart_syscall(sg_setup.hot_abi, nr) &&
		    call_matches(sg_setup.hot_gate, sg_setup.hot_abi, nr))
			__set_bit(nr, sg_setup.hot_calls);
	sg_clock_init();
}

/* ---- matching ---- */

static bool uid_matches(void)
{
	u32 uid = from_kuid(&init_user_ns, current_euid()), i;

	for (i = 0; i < sg_config.uids_count; i++)
		if (sg_config.uids[i] == uid)
			return true;
	return !sg_config.uids_count;
}

static bool comm_matches(void)
{
	u32 i;

	for (i = 0; i < sg_config.comms_count; i++)
		if (!strncmp(sg_config.comms[i], current->group_leader->comm, TASK_COMM_LEN))
			return true;
	return !sg_config.comms_count;
}

static bool cgroup_matches(void)
{
	u32 i;

	for (i = 0; i < sg_config.cgroups_count; i++)
		if (sg_cgroup_below(current, sg_config.cgroups[i]))
			return true;
	return !sg_config.cgroups_count;
}

bool sg_config_match(u8 gate, u8 abi, s32 nr)
{
	return call_matches(gate, abi, nr) && uid_matches() && comm_matches() && cgroup_matches();
}

/* ---- whom ---- */

/* A call that it is in now was entered before; it is known from the next one on. */
static int know_process(pid_t tgid)
{
	struct task_struct *leader, *task;
	int ret = -ESRCH;

	rcu_read_lock();
	leader = pid_task(find_vpid(tgid), PIDTYPE_PID);
	if (leader) {
		ret = 0;
		/* One that ends has passed the hook that would take its stamp away. */
		for_each_thread (leader, task)
			if (!(task->flags & PF_EXITING) &&
			    !sg_stamp_get(task, task_pt_regs(task), SG_KNOWN))
				ret = -ENOSPC;
	}
	rcu_read_unlock();
	return ret;
}

int sg_config_know_tasks(void)
{
	u32 i;
	int ret;

	if (!sg_setup.tree)
		return 0;
	for (i = 0; i < sg_config.tids_count; i++) {
		ret = know_process(sg_tids[i]);
		if (ret)
			return ret;
	}
	return 0;
}
