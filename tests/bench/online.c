// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Brings up the CPUs that a boot with maxcpus=1 left out.
 *
 * Under icount QEMU gives a CPU what the one before it left of the time until the next timer, which is
 * nothing unless that halts or pauses. Kernels before 6.5 wait for a new CPU by letting another task
 * run: with none that pauses they wait for ever. Clocks of CPUs that take turns look apart to the kernel,
 * which then trusts no time stamp counter: boot with tsc=reliable, too.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine.h"

static bool bring_up(int cpu)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/online", cpu);
	fd = open(path, O_WRONLY);
	if (fd < 0 && errno == ENOENT)
		return false;
	expect(fd >= 0 && write(fd, "1", 1) == 1, path);
	close(fd);
	return true;
}

int main(void)
{
	cpu_set_t first;
	pid_t pausing;
	int cpus = 1;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	expect(sched_setaffinity(0, sizeof(first), &first) == 0, "affinity");
	pausing = fork();
	while (pausing == 0) {
		for (volatile int i = 0; i < 10000; i++)
			; /* a pause takes QEMU as long as a thousand instructions */
		__builtin_ia32_pause();
	}
	while (bring_up(cpus))
		cpus++;
	kill(pausing, SIGKILL);
	waitpid(pausing, NULL, 0);
	return 0;
}
