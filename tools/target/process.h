/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc says of a process. Processes come and go: every answer can be "no longer there". */
#ifndef SYSGATE_TARGET_PROCESS_H
#define SYSGATE_TARGET_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct process {
	pid_t tgid;
	uid_t uid; /* effective */
	char comm[16];
	char *cgroup; /* heap; NULL when not known */
};

/* Reads /proc/TID; 0 or -errno (-ESRCH: gone). Release with process_fini(). */
int process_read(pid_t tid, struct process *p);
void process_fini(struct process *p);

/*
 * The ABI of the image that a task runs, by the ELF header of /proc/TID/exe; kernel threads have
 * the kernel's. SYSGATE_ABI_UNKNOWN when it cannot be told.
 */
int process_abi(pid_t tid);

/* A kernel thread: it has no program and makes no calls. */
bool process_is_kernel(pid_t tid);

/* The call that a sleeping task is in, or -1 when it is in none, runs, or is gone. */
int32_t process_in_call(pid_t tgid, pid_t tid);

/*
 * What the functions above make of the files' contents, which programs have a hand in: their names,
 * their cgroups' and their images. 0, NULL and so on as above; -EPROTO: no status.
 */
#define PROCESS_ELF_HEAD 20 /* bytes of an ELF file that tell its ABI */
void process_parse_comm(const char *text, char comm[16]);
int process_parse_status(const char *text, struct process *p);
/* The unified hierarchy's path where there is one ("0::PATH"), else the first line's. */
char *process_parse_cgroup(const char *text);
int process_parse_elf(const unsigned char *head, size_t size);
int32_t process_parse_call(const char *text);

/* Every task of every process (tgid 0), or of one. Returns false from visit to stop. */
typedef bool (*process_fn)(pid_t tgid, pid_t tid, void *data);
int process_each_task(pid_t tgid, process_fn visit, void *data);

#endif
