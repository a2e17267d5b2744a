// SPDX-License-Identifier: GPL-2.0-or-later
/* Running the build's programs, such that neither a signal nor the environment spoils it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/cleanup.h"
#include "target/module_internal.h"

#define LOOK_NS 50000000 /* how often an end is looked for */

static void child(char *const argv[], const char *log)
{
	static const char *const environment[] = { "LC_ALL=C", "HOME=/nonexistent",
						   "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	sigset_t none;
	int null, out;

	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* A group of its own: the terminal's Ctrl-C reaches the parent alone, which passes it on.
	 */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	umask(022);
	null = open("/dev/null", O_RDONLY);
	out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0644);
	if (null < 0 || out < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(126);
	execve(argv[0], argv, (char *const *)environment);
	dprintf(2, "%s cannot be run\n", argv[0]);
	_exit(127);
}

void module_signals_hold(struct module_signals *s)
{
	static const int enders[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

	struct sigaction now;

	s->asked = 0;
	sigemptyset(&s->enders);
	/* What is ignored, as under nohup, ends nothing; held back it would come all the same. */
	for (size_t i = 0; i < ARRAY_SIZE(enders); i++)
		if (!sigaction(enders[i], NULL, &now) && now.sa_handler != SIG_IGN)
			sigaddset(&s->enders, enders[i]);
	sigprocmask(SIG_BLOCK, &s->enders, &s->before);
}

void module_signals_end(struct module_signals *s)
{
	/* It stays pending until the next line, or until who holds it back reads it. */
	if (s->asked)
		raise(s->asked);
	sigprocmask(SIG_SETMASK, &s->before, NULL);
}

int module_run(struct module_signals *s, char *const argv[], const char *log)
{
	const struct timespec look = { 0, LOOK_NS };
	pid_t pid = fork();
	int status, got;

	if (!pid)
		child(argv, log);
	if (pid < 0)
		return -errno;
	setpgid(pid, pid);
	while (waitpid(pid, &status, WNOHANG) == 0) {
		got = sigtimedwait(&s->enders, NULL, &look);
		if (got <= 0)
			continue;
		s->asked = got;
		kill(-pid, SIGTERM);
	}
	if (s->asked)
		return -EINTR;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EIO;
}
