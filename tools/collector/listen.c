// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/options.h"

#define BACKLOG 128
#define SEND_BYTES \
	65536 /* what the kernel keeps for a reader, who could else stop for megabytes \
	       */

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

static int refuse(const char *text, struct sg_error *e)
{
	sg_fail(e, EINVAL, "bad --listen '%.128s': no address", text);
	sg_hint(e, "such as 127.0.0.1:9791, [::1]:9791 or unix:/run/sysgate/http");
	return -EINVAL;
}

/* "HOST:PORT" with a number of either family. 0 or -EINVAL. */
static int parse_inet(const char *text, union address *a, bool *local)
{
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN + 2];
	unsigned long long port;
	size_t n = colon ? (size_t)(colon - text) : 0;

	if (!n || n >= sizeof(host) || parse_number(colon + 1, UINT16_MAX, &port))
		return -EINVAL;
	memcpy(host, text, n);
	host[n] = '\0';
	if (host[0] == '[' && host[n - 1] == ']') {
		host[n - 1] = '\0';
		a->in6.sin6_family = AF_INET6;
		a->in6.sin6_port = htons((uint16_t)port);
		if (inet_pton(AF_INET6, host + 1, &a->in6.sin6_addr) != 1)
			return -EINVAL;
		*local = IN6_IS_ADDR_LOOPBACK(&a->in6.sin6_addr);
		return 0;
	}
	a->in.sin_family = AF_INET;
	a->in.sin_port = htons((uint16_t)port);
	if (inet_pton(AF_INET, host, &a->in.sin_addr) != 1)
		return -EINVAL;
	*local = ntohl(a->in.sin_addr.s_addr) >> 24 == 127;
	return 0;
}

/* The address as it came to be: with the port that the kernel chose. */
static void name_inet(struct listener *l)
{
	union address a = { 0 };
	socklen_t size = sizeof(a);
	char host[INET6_ADDRSTRLEN] = "";

	if (getsockname(l->fd, &a.any, &size))
		return;
	if (a.any.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &a.in6.sin6_addr, host, sizeof(host));
		snprintf(l->name, sizeof(l->name), "[%s]:%u", host, ntohs(a.in6.sin6_port));
	} else {
		inet_ntop(AF_INET, &a.in.sin_addr, host, sizeof(host));
		snprintf(l->name, sizeof(l->name), "%s:%u", host, ntohs(a.in.sin_port));
	}
}

/* Whether path is a socket that nobody listens to any more. */
static bool is_left(const struct sockaddr_un *un)
{
	struct stat st;
	int fd, err;

	if (lstat(un->sun_path, &st) || !S_ISSOCK(st.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	err = connect(fd, (const struct sockaddr *)un, sizeof(*un)) ? errno : 0;
	close(fd);
	return err == ECONNREFUSED;
}

static int bind_unix(struct listener *l, const char *path, struct sg_error *e)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	mode_t mask;
	int failed;

	if (!*path || strlen(path) >= sizeof(un.sun_path))
		return sg_fail_errno(e, EINVAL, "listen on '%.128s'", l->name);
	strcpy(un.sun_path, path);
	if (is_left(&un))
		unlink(path);
	mask = umask(0117);
	failed = bind(l->fd, (struct sockaddr *)&un, sizeof(un)) ? errno : 0;
	umask(mask);
	if (failed)
		return sg_fail_errno(e, failed, "listen on '%s'", l->name);
	l->path = strdup(path);
	return l->path ? 0 : sg_fail_errno(e, ENOMEM, "listen on '%s'", l->name);
}

static int bind_inet(struct listener *l, union address *a, struct sg_error *e)
{
	const int on = 1;

	setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (a->any.sa_family == AF_INET6)
		setsockopt(l->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(l->fd, &a->any, a->any.sa_family == AF_INET6 ? sizeof(a->in6) : sizeof(a->in)))
		return sg_fail_errno(e, errno, "listen on '%s'", l->name);
	return 0;
}

int listen_open(struct listener *l, const char *address, struct sg_error *e)
{
	bool is_unix = !strncmp(address, "unix:", 5);
	union address a = { 0 };
	const int bytes = SEND_BYTES;
	int ret;

	*l = (struct listener){ .fd = -1, .local = true };
	snprintf(l->name, sizeof(l->name), "%s", address);
	if (!is_unix && parse_inet(address, &a, &l->local))
		return refuse(address, e);
	l->fd = socket(is_unix ? AF_UNIX : a.any.sa_family,
		       SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return sg_fail_errno(e, errno, "listen on '%s'", l->name);
	/* Connections have it from here. */
	setsockopt(l->fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	ret = is_unix ? bind_unix(l, address + 5, e) : bind_inet(l, &a, e);
	if (!ret && listen(l->fd, BACKLOG))
		ret = sg_fail_errno(e, errno, "listen on '%s'", l->name);
	if (ret)
		listen_close(l);
	else if (!is_unix)
		name_inet(l);
	return ret;
}

void listen_close(struct listener *l)
{
	if (l->path)
		unlink(l->path);
	free(l->path);
	l->path = NULL;
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}
