// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/options.h"

/* Half of the time after which the manager takes us for dead. */
static uint64_t watchdog_ns(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	unsigned long long n;

	if (pid && (parse_number(pid, 1 << 22, &n) || (pid_t)n != getpid()))
		return 0;
	return usec && !parse_number(usec, UINT32_MAX, &n) ? n * 1000 / 2 : 0;
}

void notify_open(struct notify *n)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t size = path ? strlen(path) : 0;

	n->fd = -1;
	n->every_ns = watchdog_ns();
	if (!size || size >= sizeof(to.sun_path))
		return;
	memcpy(to.sun_path, path, size);
	if (path[0] == '@') /* a name without a file */
		to.sun_path[0] = '\0';
	n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (n->fd >= 0 && connect(n->fd, (struct sockaddr *)&to,
				  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size)))
		notify_close(n);
}

void notify_send(const struct notify *n, const char *text)
{
	/* A manager that does not listen changes nothing here. */
	if (n->fd >= 0 && send(n->fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return;
}

void notify_close(struct notify *n)
{
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
}
