// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/trial.h"

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

#define LOAD_AT	  0x400000
#define CODE_SIZE 32
#define SUCCESS	  42  /* with what the programs end */
#define NO_EXEC	  100 /* and the child where there was no program; above 100: its errno */
#define SECONDS	  5

static const struct program {
	bool elf64;
	uint8_t code[CODE_SIZE];
} programs[TRIALS] = {
	/* mov $1 (exit), %eax; mov $42, %ebx; int $0x80 */
	[TRIAL_I386] = { false,
			 { 0xb8, 1, 0, 0, 0, 0xbb, SUCCESS, 0, 0, 0, 0xcd, 0x80, 0x0f, 0x0b } },
	[TRIAL_INT80] = { true,
			  { 0xb8, 1, 0, 0, 0, 0xbb, SUCCESS, 0, 0, 0, 0xcd, 0x80, 0x0f, 0x0b } },
	/*
	 * mov $0x4000003c (x32 exit), %eax; mov $42, %edi; syscall; and where that came back:
	 * mov $60 (exit), %eax; mov $1, %edi; syscall
	 */
	[TRIAL_X32] = { true, { 0xb8, 0x3c, 0, 0, 0x40, 0xbf, SUCCESS, 0, 0, 0, 0x0f, 0x05,
				0xb8, 0x3c, 0, 0, 0,	0xbf, 1,       0, 0, 0, 0x0f, 0x05 } },
};

static void ident(unsigned char *id, unsigned char class)
{
	memcpy(id, ELFMAG, SELFMAG);
	id[EI_CLASS] = class;
	id[EI_DATA] = ELFDATA2LSB;
	id[EI_VERSION] = EV_CURRENT;
}

/*
 * Both classes have the same fields, of other widths. Without PT_GNU_STACK the kernel logs that a
 * stack is executable.
 */
#define ELF_IMAGE(BITS, MACHINE)                                                             \
	static size_t elf##BITS(uint8_t *image, const uint8_t *code)                         \
	{                                                                                    \
		const size_t head = sizeof(Elf##BITS##_Ehdr) + 2 * sizeof(Elf##BITS##_Phdr), \
			     size = head + CODE_SIZE;                                        \
		Elf##BITS##_Ehdr h = {                                                       \
			.e_type = ET_EXEC,                                                   \
			.e_machine = MACHINE,                                                \
			.e_version = EV_CURRENT,                                             \
			.e_entry = LOAD_AT + head,                                           \
			.e_phoff = sizeof(h),                                                \
			.e_ehsize = sizeof(h),                                               \
			.e_phentsize = sizeof(Elf##BITS##_Phdr),                             \
			.e_phnum = 2,                                                        \
		};                                                                           \
		Elf##BITS##_Phdr p[2] = {                                                    \
			{                                                                    \
				.p_type = PT_LOAD,                                           \
				.p_vaddr = LOAD_AT,                                          \
				.p_paddr = LOAD_AT,                                          \
				.p_filesz = size,                                            \
				.p_memsz = size,                                             \
				.p_flags = PF_R | PF_X,                                      \
				.p_align = 0x1000,                                           \
			},                                                                   \
			{ .p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W },                  \
		};                                                                           \
                                                                                             \
		ident(h.e_ident, ELFCLASS##BITS);                                            \
		memcpy(image, &h, sizeof(h));                                                \
		memcpy(image + sizeof(h), p, sizeof(p));                                     \
		memcpy(image + head, code, CODE_SIZE);                                       \
		return size;                                                                 \
	}

ELF_IMAGE(32, EM_386)
ELF_IMAGE(64, EM_X86_64)

static void become(int fd)
{
	const struct rlimit no_core = { 0, 0 };
	char *argv[] = { (char *)"trial", NULL }, *envp[] = { NULL };

	setrlimit(RLIMIT_CORE, &no_core);
	signal(SIGALRM, SIG_DFL);
	alarm(SECONDS);
	fexecve(fd, argv, envp);
	_exit(NO_EXEC + errno);
}

static enum trial_result judge(int status, char *why, size_t size)
{
	if (WIFSIGNALED(status)) {
		snprintf(why, size, "killed by SIG%s", sigabbrev_np(WTERMSIG(status)));
		return TRIAL_REFUSED;
	}
	if (WEXITSTATUS(status) == SUCCESS) {
		snprintf(why, size, "a program ran");
		return TRIAL_RAN;
	}
	if (WEXITSTATUS(status) == NO_EXEC + ENOEXEC) {
		snprintf(why, size, "the kernel refuses such a program: ENOEXEC");
		return TRIAL_REFUSED;
	}
	if (WEXITSTATUS(status) > NO_EXEC) {
		snprintf(why, size, "cannot run a trial program: %s",
			 strerror(WEXITSTATUS(status) - NO_EXEC));
		return TRIAL_UNSEEN;
	}
	snprintf(why, size, "the call was refused");
	return TRIAL_REFUSED;
}

enum trial_result trial_run(enum trial t, char *why, size_t size)
{
	const struct program *p = &programs[t];
	uint8_t image[sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr) + CODE_SIZE];
	size_t length = p->elf64 ? elf64(image, p->code) : elf32(image, p->code);
	/* Not closed on exec: a kernel without execveat() needs its path in /proc. */
	_cleanup_close_ int fd = memfd_create("sysgate-trial", 0);
	pid_t child;
	int status;

	if (fd < 0 || write(fd, image, length) != (ssize_t)length) {
		snprintf(why, size, "cannot make a trial program: %s", strerror(errno));
		return TRIAL_UNSEEN;
	}
	child = fork();
	if (child == 0)
		become(fd);
	if (child < 0 || TEMP_FAILURE_RETRY(waitpid(child, &status, 0)) < 0) {
		snprintf(why, size, "cannot run a trial program: %s", strerror(errno));
		return TRIAL_UNSEEN;
	}
	return judge(status, why, size);
}
