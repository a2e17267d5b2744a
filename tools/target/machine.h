/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the running machine can do, as far as it can be seen without changing anything. */
#ifndef SYSGATE_TARGET_MACHINE_H
#define SYSGATE_TARGET_MACHINE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "sysgate_abi.h"

/* UNSEEN: it could not be looked at, mostly for want of root. */
enum answer {
	UNSEEN = 0,
	NO,
	YES
};
/* The same of a number, which may be negative. */
#define UNSEEN_NUMBER LONG_MIN

struct cpu {
	char vendor[32], model[96];
	long count;
	bool seen, sep, syscall, fred; /* flags as the kernel shows them */
	bool constant_tsc, nonstop_tsc, hypervisor;
	bool tsc_available; /* as a clock source */
	char clocksource[32];
	int gate32; /* enum sysgate_gate: the vDSO's choice for 32-bit code */
};

/* Programs that were tried; the words come from trial.h. */
struct tried {
	enum answer runs;
	char why[96];
};

struct rights {
	bool root;
	enum answer sys_admin, sys_module, perfmon; /* effective capabilities */
	long kptr_restrict, perf_paranoid;	    /* or UNSEEN_NUMBER */
};

struct module_facts {
	enum answer loadable, disabled, sig_enforce;
	char lockdown[24];   /* "none", "integrity", "confidentiality"; "" unseen */
	char headers[160];   /* where; "" none */
	char compiler[96];   /* its path; "" none */
	char built_with[96]; /* the kernel's own compiler, as /proc/version tells */
};

struct tracing_facts {
	enum answer in_kernel; /* tracefs is among the kernel's file systems */
	char dir[64];	       /* where it could be read; "" nowhere */
	char why[160];	       /* why not */
	bool own;	       /* mounted for this process alone: its path tells others nothing */
	enum answer raw_syscalls, instances, kprobe_events, fprobe_events;
	long ftrace_enabled;		      /* or UNSEEN_NUMBER */
	enum answer dispatcher[SYSGATE_ABIS]; /* x64_sys_call and so on can be traced */
};

struct symbol_facts {
	enum answer readable; /* with addresses */
	enum answer kprobes;  /* the kernel has register_kprobe */
	enum answer dispatcher[SYSGATE_ABIS];
	long blacklisted; /* functions that must not be probed; or UNSEEN_NUMBER */
};

struct stap_facts {
	char translator[96], runner[96]; /* paths of stap and staprun; "" none */
	char runner_group[33]; /* that staprun is for, where it is not for this user; "" it is */
	char version[64];
};

struct machine {
	char release[65], arch[65];
	char os_id[32], os_name[96];
	struct cpu cpu;
	struct tried i386, int80, x32;
	struct rights rights;
	struct module_facts modules;
	struct tracing_facts tracing;
	struct symbol_facts symbols;
	struct stap_facts stap;
};

/*
 * Reads everything that lies in files below root ("" for this machine; another one for tests, where
 * nothing is mounted). tracefs: where it is reached, or NULL with the reason in why.
 */
void machine_read(struct machine *m, const char *root, const char *tracefs, const char *why);
/* Of all that only the distribution's names, os_id and os_name. */
void machine_read_os(struct machine *m, const char *root);
/* Only what the kernel says of loading modules: loadable, disabled, sig_enforce, lockdown. */
void machine_read_loading(struct machine *m, const char *root);
/* Why the kernel takes signed modules alone; "": it takes others too, or that could not be seen. */
void machine_signed_only(const struct machine *m, char *why, size_t size);
/* Does lockdown forbid tracing? */
bool machine_tracing_locked(const struct machine *m);
/* Runs the trial programs and asks the tools for their versions. */
void machine_try(struct machine *m);

/* The dispatcher's name for an ABI: "x64_sys_call"; NULL for the unknown one. */
const char *dispatcher_name(int abi);
/* The gate of 32-bit code: the kernel's vDSO chooses it by the CPU. */
int machine_gate32(const struct cpu *cpu, const char *arch);

#endif
