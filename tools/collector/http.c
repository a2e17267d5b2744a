// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "collector/page.h"
#include "collector/stream.h"

#define DAEMONS_MAX	 8
#define CONNECTION_BYTES (32UL << 10) /* for a request's line and headers, and an answer's */
#define SWEEP_NS	 1000000000ULL

/* The library has changed its names for them. */
enum {
	STATUS_TOO_LARGE = 413,
	STATUS_MISDIRECTED = 421
};

/* One connection, from its beginning to its end. */
struct peer {
	struct peer *next, **link;
	struct http *http;
	int fd;
	uint64_t since; /* its beginning, or the end of the last answer; 0: a stream, which may last
			 */
};

struct daemon {
	struct http *http;
	struct MHD_Daemon *mhd;
	int epoll;
	bool local,
		has_host; /* has_host: reached by an address, so that a browser can be led to it */
};

struct http {
	struct http_config config;
	struct daemon daemons[DAEMONS_MAX];
	size_t daemons_count;
	struct peer *peers;
	size_t peers_count;
	struct streams streams;
	struct MHD_Response *made[FEED_KINDS][2]; /* of this interval, by whether names are in it */
	uint64_t now, next_sweep;
	struct http_stats stats;
};

enum access {
	ACCESS_NONE,
	ACCESS_PLAIN,
	ACCESS_FULL
};

#define TYPE_JSON "application/json; charset=utf-8"

static const struct route {
	const char *path, *type;
	enum feed_what what;
} routes[] = {
	{ "/metrics", "text/plain; version=0.0.4; charset=utf-8", FEED_METRICS_TEXT },
	{ "/snapshot", TYPE_JSON, FEED_SNAPSHOT },
	{ "/delta", TYPE_JSON, FEED_DELTA },
	{ "/in-flight", TYPE_JSON, FEED_IN_FLIGHT },
	{ "/plan", TYPE_JSON, FEED_PLAN },
	{ "/stream", "text/event-stream; charset=utf-8", FEED_EVENT },
};
static const struct route openmetrics = {
	"/metrics", "application/openmetrics-text; version=1.0.0; charset=utf-8", FEED_METRICS
};

/* ---- answers ---- */

static void add_headers(struct MHD_Response *r, const char *type)
{
	static const char *const headers[][2] = {
		{ "Cache-Control", "no-store" },
		{ "X-Content-Type-Options", "nosniff" },
		{ "Referrer-Policy", "no-referrer" },
		{ "Cross-Origin-Resource-Policy", "same-origin" },
		{ "Content-Security-Policy",
		  "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
		  "frame-ancestors 'none'" },
		{ "Vary", "Accept, Authorization" },
	};

	MHD_add_response_header(r, "Content-Type", type);
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++)
		MHD_add_response_header(r, headers[i][0], headers[i][1]);
}

/* An answer that says why not; text is static. */
static enum MHD_Result refuse(struct http *h, struct MHD_Connection *c, unsigned int status,
			      const char *text)
{
	struct MHD_Response *r =
		MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_PERSISTENT);
	enum MHD_Result ret;

	if (!r)
		return MHD_NO;
	h->stats.refused++;
	add_headers(r, "text/plain; charset=utf-8");
	if (status == MHD_HTTP_UNAUTHORIZED)
		MHD_add_response_header(r, "WWW-Authenticate", "Bearer realm=\"sysgate\"");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(r, "Allow", "GET, HEAD");
	ret = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return ret;
}

/* This interval's answer, made now if nobody asked for it yet. NULL: no memory. */
static struct MHD_Response *made(struct http *h, const struct route *route, bool full)
{
	struct MHD_Response **r = &h->made[route->what][full];
	char *text = NULL;
	size_t size = 0;

	if (*r)
		return *r;
	if (feed_render(h->config.feed, route->what, full, &text, &size))
		return NULL;
	*r = MHD_create_response_from_buffer(size, text, MHD_RESPMEM_MUST_FREE);
	if (*r)
		add_headers(*r, route->type);
	else
		free(text);
	return *r;
}

static struct peer *peer_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

static enum MHD_Result answer_stream(struct http *h, struct MHD_Connection *c,
				     const struct route *route, bool full)
{
	struct MHD_Response *r = stream_open(&h->streams, c, full);
	struct peer *p = peer_of(c);
	enum MHD_Result ret;

	if (!r)
		return refuse(h, c, MHD_HTTP_SERVICE_UNAVAILABLE, "too many streams\n");
	if (p)
		p->since = 0;
	add_headers(r, route->type);
	ret = MHD_queue_response(c, MHD_HTTP_OK, r);
	MHD_destroy_response(r);
	return ret;
}

static enum MHD_Result answer_page(struct MHD_Connection *c, const struct page_file *file)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(file->size, (void *)file->text,
								 MHD_RESPMEM_PERSISTENT);
	enum MHD_Result ret;

	if (!r)
		return MHD_NO;
	add_headers(r, file->type);
	ret = MHD_queue_response(c, MHD_HTTP_OK, r);
	MHD_destroy_response(r);
	return ret;
}

/* ---- who may ---- */

/* In a time that does not tell how much of it is right. */
static bool same(const char *a, const char *b)
{
	size_t n = strlen(b);
	unsigned char differ = strlen(a) != n;

	for (size_t i = 0; i < n && !(i && !a[i - 1]); i++)
		differ |= (unsigned char)(a[i] ^ b[i]);
	return !differ;
}

static enum access access_of(const struct daemon *d, struct MHD_Connection *c)
{
	const char *said =
		MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_AUTHORIZATION);
	const char *token = d->http->config.token;

	if (!said)
		return d->local ? ACCESS_PLAIN : ACCESS_NONE;
	if (!token || strncasecmp(said, "Bearer ", 7) || !same(said + 7, token))
		return ACCESS_NONE;
	return ACCESS_FULL;
}

/*
 * A page from elsewhere can have its own name point here, and its browser then takes our answers
 * for its own. What it cannot do is have the browser name us by address.
 */
static bool is_own_name(const char *host)
{
	char name[64], unused[16];
	const char *end = host ? strrchr(host, ':') : NULL;
	size_t n = !host ? 0 : end && !strchr(end, ']') ? (size_t)(end - host) : strlen(host);

	if (!n || n >= sizeof(name))
		return !host;
	memcpy(name, host, n);
	name[n] = '\0';
	if (name[0] == '[' && name[n - 1] == ']') {
		name[n - 1] = '\0';
		return inet_pton(AF_INET6, name + 1, unused) == 1;
	}
	return !strcasecmp(name, "localhost") || inet_pton(AF_INET, name, unused) == 1;
}

static bool has_body(struct MHD_Connection *c)
{
	const char *length =
		MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);

	return (length && strcmp(length, "0") != 0) ||
	       MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_TRANSFER_ENCODING);
}

static bool wants_openmetrics(struct MHD_Connection *c)
{
	const char *accept =
		MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);

	return accept && strstr(accept, "application/openmetrics-text");
}

static const struct route *find_route(struct MHD_Connection *c, const char *url)
{
	for (size_t i = 0; i < ARRAY_SIZE(routes); i++)
		if (!strcmp(routes[i].path, url))
			return routes[i].what == FEED_METRICS_TEXT && wants_openmetrics(c)
				       ? &openmetrics
				       : &routes[i];
	return NULL;
}

static enum MHD_Result answer(struct daemon *d, struct MHD_Connection *c, const char *url,
			      bool head)
{
	struct http *h = d->http;
	const struct route *route = find_route(c, url);
	enum access access = access_of(d, c);
	struct page_file file;
	struct MHD_Response *r;

	if (page_find(url, &file))
		return answer_page(c, &file);
	if (access == ACCESS_NONE)
		return refuse(h, c, MHD_HTTP_UNAUTHORIZED, "a bearer token is needed\n");
	if (!route)
		return refuse(
			h, c, MHD_HTTP_NOT_FOUND,
			"there is /metrics /snapshot /delta /in-flight /plan /stream and /\n");
	if (route->what == FEED_EVENT && !head)
		return answer_stream(h, c, route, access == ACCESS_FULL);
	r = made(h, route, access == ACCESS_FULL);
	return r ? MHD_queue_response(c, MHD_HTTP_OK, r)
		 : refuse(h, c, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n");
}

static enum MHD_Result handle(void *data, struct MHD_Connection *c, const char *url,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **request)
{
	struct daemon *d = data;
	struct http *h = d->http;
	bool head = !strcmp(method, MHD_HTTP_METHOD_HEAD);

	(void)version, (void)upload, (void)upload_size;
	/* The first call is made before a body is read: who sends one is answered and cut off. */
	if (*request)
		return MHD_NO;
	*request = h;
	h->stats.requests++;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && !head)
		return refuse(h, c, MHD_HTTP_METHOD_NOT_ALLOWED, "GET and HEAD alone\n");
	if (has_body(c))
		return refuse(h, c, STATUS_TOO_LARGE, "no body is wanted\n");
	if (d->has_host &&
	    !is_own_name(MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST)))
		return refuse(h, c, STATUS_MISDIRECTED,
			      "to be called by address or as localhost\n");
	return answer(d, c, url, head);
}

/* ---- connections ---- */

static void connection_changed(void *data, struct MHD_Connection *c, void **context,
			       enum MHD_ConnectionNotificationCode code)
{
	struct http *h = data;
	struct peer *p = *context;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		p = calloc(1, sizeof(*p));
		if (!p)
			return;
		p->http = h;
		p->fd = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
		p->since = h->now;
		p->next = h->peers;
		p->link = &h->peers;
		if (p->next)
			p->next->link = &p->next;
		h->peers = p;
		h->peers_count++;
		*context = p;
	} else if (p) {
		*p->link = p->next;
		if (p->next)
			p->next->link = p->link;
		h->peers_count--;
		free(p);
		*context = NULL;
	}
}

static void request_done(void *data, struct MHD_Connection *c, void **request,
			 enum MHD_RequestTerminationCode code)
{
	struct http *h = data;
	struct peer *p = peer_of(c);

	(void)request;
	if (code == MHD_REQUEST_TERMINATED_TIMEOUT_REACHED)
		h->stats.timed_out++;
	if (p)
		p->since = h->now;
}

/* The library's timeout is of silence; this is of those who send or take a byte now and then. */
static void sweep(struct http *h)
{
	uint64_t limit = 2ULL * h->config.seconds * SWEEP_NS;

	if (h->now < h->next_sweep)
		return;
	h->next_sweep = h->now + SWEEP_NS;
	for (struct peer *p = h->peers; p; p = p->next) {
		if (!p->since || h->now - p->since < limit)
			continue;
		h->stats.timed_out++;
		p->since = h->now;
		shutdown(p->fd, SHUT_RDWR);
	}
}

/* ---- the whole ---- */

struct http *http_new(const struct http_config *c)
{
	struct http *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->config = *c;
	h->streams.max = c->streams;
	return h;
}

/* What ends the library's list of options, for a listener beyond this machine and for others. */
static struct MHD_Daemon *start(struct daemon *d, int fd)
{
	const struct http_config *c = &d->http->config;
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)c->cert },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)c->key },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)"NORMAL:-VERS-TLS1.0:-VERS-TLS1.1" },
		{ MHD_OPTION_END, 0, NULL },
	};
	struct MHD_OptionItem *more = d->local ? &tls[3] : tls;
	unsigned int flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME |
			     (d->local ? 0 : (unsigned int)MHD_USE_TLS);

	return MHD_start_daemon(
		flags, 0, NULL, NULL, handle, d, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned int)c->connections,
		MHD_OPTION_CONNECTION_TIMEOUT, c->seconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)CONNECTION_BYTES, MHD_OPTION_NOTIFY_CONNECTION, connection_changed, d->http,
		MHD_OPTION_NOTIFY_COMPLETED, request_done, d->http, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_ARRAY, more, MHD_OPTION_END);
}

int http_listen(struct http *h, struct listener *l, struct sg_error *e)
{
	struct daemon *d = &h->daemons[h->daemons_count];

	if (h->daemons_count == DAEMONS_MAX)
		return sg_fail(e, EINVAL, "listen on '%s': at most %d addresses", l->name,
			       DAEMONS_MAX);
	*d = (struct daemon){ .http = h, .local = l->local, .has_host = l->local && !l->path };
	d->mhd = start(d, l->fd);
	if (!d->mhd)
		return sg_fail(e, EIO, "listen on '%s': the HTTP library refuses%s", l->name,
			       l->local ? "" : ": are the certificate and its key right?");
	l->fd = -1;
	d->epoll = MHD_get_daemon_info(d->mhd, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	h->daemons_count++;
	return 0;
}

size_t http_fds(const struct http *h, struct pollfd *fds, size_t max)
{
	size_t n = h->daemons_count < max ? h->daemons_count : max;

	for (size_t i = 0; i < n; i++)
		fds[i] = (struct pollfd){ h->daemons[i].epoll, POLLIN, 0 };
	return n;
}

uint64_t http_timeout_ns(const struct http *h)
{
	uint64_t least = h->peers ? SWEEP_NS : UINT64_MAX;

	for (size_t i = 0; i < h->daemons_count; i++) {
		MHD_UNSIGNED_LONG_LONG ms;

		if (MHD_get_timeout(h->daemons[i].mhd, &ms) == MHD_YES && ms * 1000000 < least)
			least = ms * 1000000;
	}
	return least;
}

void http_turn(struct http *h, uint64_t now)
{
	h->now = now;
	sweep(h);
	for (size_t i = 0; i < h->daemons_count; i++)
		MHD_run(h->daemons[i].mhd);
}

static void forget(struct http *h)
{
	for (int what = 0; what < FEED_KINDS; what++) {
		for (int full = 0; full < 2; full++) {
			if (h->made[what][full])
				MHD_destroy_response(h->made[what][full]);
			h->made[what][full] = NULL;
		}
	}
}

void http_changed(struct http *h)
{
	forget(h);
	streams_event(&h->streams, h->config.feed);
}

struct http_stats http_stats(const struct http *h)
{
	struct http_stats s = h->stats;

	s.connections = h->peers_count;
	s.streams = h->streams.count;
	s.streams_missed = h->streams.missed;
	return s;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	/* The library does not end a connection that is asleep. */
	streams_wake(&h->streams);
	for (size_t i = 0; i < h->daemons_count; i++)
		MHD_stop_daemon(h->daemons[i].mhd);
	forget(h);
	streams_fini(&h->streams);
	free(h);
}
