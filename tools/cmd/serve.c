// SPDX-License-Identifier: GPL-2.0-or-later
/* sysgate serve: owns the probes and answers over HTTP: metrics, JSON, a stream, a page. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "cmd/session.h"
#include "collector/confine.h"
#include "collector/http.h"
#include "collector/keeper.h"
#include "collector/notify.h"
#include "collector/plan_json.h"
#include "collector/secret.h"
#include "target/files.h"

#define LISTEN_DEFAULT	    "127.0.0.1:9791"
#define USER_DEFAULT	    "nobody"
#define LISTENERS_MAX	    8
#define SERIES_DEFAULT	    500
#define CONNECTIONS_DEFAULT 128
#define TIMEOUT_DEFAULT	    10
#define CELLS_MAX	    8192 /* 23 MB, and as much for each state that is kept; with -b process */

struct serve_options {
	struct select_options select; /* first: the option table counts on it */
	struct string_list listen;
	double interval, timeout;
	const char *token_file, *tls_cert, *tls_key, *user;
	size_t max_series, max_connections;
	bool quiet;
};

#define ROW(letter, name, arg, type, member, help)                                    \
	{                                                                             \
		letter, name, arg, type, offsetof(struct serve_options, member), help \
	}

static const struct option_def options[] = {
	SELECT_WHOM,
	SELECT_WHAT,
	SELECT_SHOW,
	SELECT_NAMES,
	SELECT_HOW,
	ROW('l', "listen", "ADDRESS,..", OPTION_LIST, listen,
	    "answer at these: 127.0.0.1:PORT, [::1]:PORT, unix:PATH (default " LISTEN_DEFAULT ")"),
	ROW('i', "interval", "SEC", OPTION_SECONDS, interval,
	    "look at what was counted every SEC seconds (default 1)"),
	ROW(0, "token-file", "FILE", OPTION_STRING, token_file,
	    "who sends the token in FILE may see processes and users"),
	ROW(0, "tls-cert", "FILE", OPTION_STRING, tls_cert,
	    "the certificate, as PEM, for addresses beyond the loopback"),
	ROW(0, "tls-key", "FILE", OPTION_STRING, tls_key, "its key, as PEM"),
	ROW(0, "user", "USER", OPTION_STRING, user,
	    "become USER when the probes are on (default " USER_DEFAULT ")"),
	ROW(0, "max-series", "N", OPTION_COUNT, max_series,
	    "at most N label sets in each metric; others are folded (default 500)"),
	ROW(0, "max-connections", "N", OPTION_COUNT, max_connections,
	    "at most N connections at each address (default 128)"),
	ROW(0, "timeout", "SEC", OPTION_SECONDS, timeout,
	    "end connections that are silent for SEC seconds (default 10)"),
	ROW('q', "quiet", NULL, OPTION_FLAG, quiet, "say nothing but errors"),
	{ 0 },
};

struct serve {
	const struct serve_options *options;
	struct session *session;
	struct listener listeners[LISTENERS_MAX];
	size_t listeners_count;
	char *token, *cert, *key, *plan;
	struct confine confine;
	struct keeper keeper;
	struct snapshot *first; /* what is shown until the first interval is over */
	struct feed feed;
	struct http *http;
	struct notify notify;
	uint64_t next_sign; /* of life, to the service manager */
};

/* What it can no longer do itself, the keeper does: no word of that. */
static bool confined;

static void say(const char *text)
{
	if (!confined)
		sg_warn("%s", text);
}

/* ---- before the probes ---- */

static int read_secrets(struct serve *v, struct sg_error *e)
{
	const struct serve_options *o = v->options;
	int ret = 0;

	if (!o->tls_cert != !o->tls_key)
		return sg_fail(e, EINVAL, "--tls-cert and --tls-key belong together");
	if (o->token_file)
		ret = secret_token(o->token_file, &v->token, e);
	if (!ret && o->tls_cert)
		ret = secret_read(o->tls_cert, false, &v->cert, e);
	if (!ret && o->tls_key)
		ret = secret_read(o->tls_key, true, &v->key, e);
	return ret;
}

static int listen_one(struct serve *v, const char *address, struct sg_error *e)
{
	struct listener *l = &v->listeners[v->listeners_count];
	int ret;

	if (v->listeners_count == LISTENERS_MAX)
		return sg_fail(e, EINVAL, "--listen: at most %d addresses", LISTENERS_MAX);
	ret = listen_open(l, address, e);
	if (ret)
		return ret;
	v->listeners_count++;
	if (l->local || (v->token && v->cert))
		return 0;
	sg_fail(e, EINVAL, "--listen '%s' is beyond the loopback: it needs a token and TLS",
		address);
	sg_hint(e, "--token-file FILE --tls-cert FILE --tls-key FILE");
	return -EINVAL;
}

static int listen_all(struct serve *v, struct sg_error *e)
{
	const struct string_list *l = &v->options->listen;
	int ret = l->count ? 0 : listen_one(v, LISTEN_DEFAULT, e);

	for (size_t i = 0; i < l->count && !ret; i++)
		ret = listen_one(v, l->items[i], e);
	for (size_t i = 0; i < v->listeners_count && !ret; i++)
		ret = http_listen(v->http, &v->listeners[i], e);
	return ret;
}

static void put_own(FILE *out, bool text, void *data);

static int serve_prepare(struct session *s, struct sg_error *e)
{
	struct serve *v = s->data;
	const struct serve_options *o = v->options;
	struct http_config config = {
		.feed = &v->feed,
		.connections = o->max_connections ? o->max_connections : CONNECTIONS_DEFAULT,
		.seconds = o->timeout > 0 ? (unsigned int)(o->timeout + 0.999) : TIMEOUT_DEFAULT,
	};
	int ret = confine_prepare(&v->confine, o->user ? o->user : USER_DEFAULT, e);

	if (!ret)
		ret = read_secrets(v, e);
	if (ret)
		return ret;
	/* Errors are told apart in the metrics, whatever else is. */
	if (!o->select.replay)
		s->selection.config.dims |= DIM_ERRNO;
	/* For who runs for long, processes come without end. */
	s->selection.config.merge_procs = !(s->selection.view.group & (GROUP_PROCESS | GROUP_TASK));
	if (s->selection.config.dims & DIM_PROC)
		s->selection.config.cells_max = CELLS_MAX;
	v->feed.view = s->selection.view;
	v->feed.names = s->selection.names;
	v->feed.max_series = o->max_series ? o->max_series : SERIES_DEFAULT;
	v->feed.own = put_own;
	v->feed.own_data = v;
	config.token = v->token;
	config.cert = v->cert;
	config.key = v->key;
	config.streams = config.connections / 2;
	v->http = http_new(&config);
	return v->http ? listen_all(v, e) : sg_fail_errno(e, ENOMEM, "serve");
}

/* In the keeper: what the collector may no longer do. */
static void clean_up(void *data)
{
	struct serve *v = data;
	struct engine *en = v->session->engine;

	en->ops->close(en);
	for (size_t i = 0; i < v->listeners_count; i++)
		listen_close(&v->listeners[i]);
}

static int serve_opened(struct session *s, struct sg_error *e)
{
	struct serve *v = s->data;

	return keeper_start(&v->keeper, clean_up, v, e);
}

/* ---- the probes are on ---- */

static int take(struct serve *v, const struct snapshot *now, const struct snapshot *delta,
		struct sg_error *e)
{
	if (feed_take(&v->feed, now, delta))
		return sg_fail_errno(e, ENOMEM, "copy of a snapshot");
	http_changed(v->http);
	return 0;
}

static void announce(const struct serve *v)
{
	for (size_t i = 0; i < v->listeners_count && !v->options->quiet; i++) {
		const struct listener *l = &v->listeners[i];

		if (l->path)
			sg_warn("listening on %s", l->name);
		else
			sg_warn("listening on %s://%s/", l->local ? "http" : "https", l->name);
	}
}

static int serve_attached(struct session *s, struct sg_error *e)
{
	struct serve *v = s->data;
	int ret = session_snapshot(s, &v->first, e);

	if (ret)
		return ret;
	v->feed.hidden = v->keeper.pid;
	v->plan = plan_json(v->first, &s->selection.config, s->why, s->interval);
	v->feed.plan = v->plan;
	ret = v->plan ? take(v, v->first, v->first, e) : sg_fail_errno(e, ENOMEM, "plan");
	notify_open(&v->notify);
	if (!ret)
		ret = confine_enter(&v->confine, e);
	if (ret)
		return ret;
	confined = true;
	announce(v);
	notify_send(&v->notify, "READY=1");
	return 0;
}

static int serve_interval(struct session *s, const struct snapshot *now,
			  const struct snapshot *delta, bool last, struct sg_error *e)
{
	struct serve *v = s->data;
	int ret = last ? 0 : take(v, now, delta, e);

	if (ret || last)
		return ret;
	snapshot_free(v->first);
	v->first = NULL;
	return 0;
}

static size_t serve_fds(struct session *s, struct pollfd *fds, size_t max)
{
	return http_fds(((struct serve *)s->data)->http, fds, max);
}

static uint64_t serve_deadline(struct session *s)
{
	const struct serve *v = s->data;
	uint64_t timeout = http_timeout_ns(v->http);
	uint64_t at = timeout == UINT64_MAX ? SESSION_NEVER : session_now() + timeout;

	return v->notify.every_ns && v->next_sign < at ? v->next_sign : at;
}

static int serve_turn(struct session *s, const struct pollfd *fds, size_t count, struct sg_error *e)
{
	struct serve *v = s->data;
	uint64_t now = session_now();

	(void)fds, (void)count, (void)e;
	http_turn(v->http, now);
	if (v->notify.every_ns && now >= v->next_sign) {
		notify_send(&v->notify, "WATCHDOG=1");
		v->next_sign = now + v->notify.every_ns;
	}
	return 0;
}

static const struct session_hooks hooks = {
	.prepare = serve_prepare,
	.opened = serve_opened,
	.attached = serve_attached,
	.interval = serve_interval,
	.fds = serve_fds,
	.deadline = serve_deadline,
	.turn = serve_turn,
};

/* ---- what it says of itself ---- */

static uint64_t cpu_ns(void)
{
	struct rusage r;

	if (getrusage(RUSAGE_SELF, &r))
		return 0;
	return (uint64_t)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000000000 +
	       (uint64_t)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1000;
}

static uint64_t resident_bytes(void)
{
	char text[128];
	unsigned long long pages;

	if (file_text("", "/proc/self/statm", text, sizeof(text)) ||
	    sscanf(text, "%*u %llu", &pages) != 1)
		return 0;
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void put_own(FILE *out, bool text, void *data)
{
	const struct serve *v = data;
	const struct http_stats s = http_stats(v->http);
	static const struct openmetrics_family cpu = {
		"process_cpu_seconds", METRIC_COUNTER, "seconds",
		"CPU time that the collector itself has used."
	};
	const struct {
		struct openmetrics_family family;
		uint64_t n;
	} counts[] = {
		{ { "process_resident_memory_bytes", METRIC_GAUGE, "bytes",
		    "Memory that the collector itself has." },
		  resident_bytes() },
		{ { "sysgate_http_requests", METRIC_COUNTER, NULL, "Requests that were answered." },
		  s.requests },
		{ { "sysgate_http_refused", METRIC_COUNTER, NULL, "Requests that were refused." },
		  s.refused },
		{ { "sysgate_http_timeouts", METRIC_COUNTER, NULL,
		    "Connections that were too slow." },
		  s.timed_out },
		{ { "sysgate_http_connections", METRIC_GAUGE, NULL, "Connections now." },
		  s.connections },
		{ { "sysgate_streams", METRIC_GAUGE, NULL, "Readers of the stream now." },
		  s.streams },
		{ { "sysgate_stream_missed_events", METRIC_COUNTER, NULL,
		    "Events that readers of the stream were too slow for." },
		  s.streams_missed },
	};

	openmetrics_head(out, text, &cpu);
	openmetrics_seconds(out, &cpu, "", cpu_ns());
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		openmetrics_head(out, text, &counts[i].family);
		openmetrics_count(out, &counts[i].family, "", counts[i].n);
	}
}

/* ---- the whole ---- */

static void release(struct serve *v)
{
	http_free(v->http);
	feed_fini(&v->feed);
	snapshot_free(v->first);
	for (size_t i = 0; i < v->listeners_count; i++)
		listen_close(&v->listeners[i]);
	notify_send(&v->notify, "STOPPING=1");
	notify_close(&v->notify);
	keeper_end(&v->keeper, confined);
	free(v->token);
	free(v->cert);
	free(v->key);
	free(v->plan);
}

static int run(void *data, int argc, char **argv, struct sg_error *e)
{
	const struct serve_options *o = data;
	struct serve v = { .options = o, .notify = { .fd = -1 } };
	struct session s = {
		.hooks = &hooks,
		.select = &o->select,
		.interval = o->interval > 0 ? o->interval : 1,
		.announce = !o->quiet,
		.turns = true,
		.say = say,
		.data = &v,
	};
	int status;

	if (argc) {
		sg_fail(e, EINVAL, "no operand is wanted, '%s' is one", argv[0]);
		return SG_EXIT_USAGE;
	}
	v.session = &s;
	status = session_run(&s, argc, argv, e);
	release(&v);
	return status;
}

const struct command command_serve = {
	.name = "serve",
	.summary = "Count all the time and answer over HTTP: metrics, JSON, a stream, a page",
	.synopsis = "[OPTIONS]",
	.text = "It stays in the foreground until a signal ends it. When the probes are on it gives\n"
		"up root, and answers from then on:\n"
		"  /metrics                          for a Prometheus\n"
		"  /snapshot /delta /in-flight       JSON: since the begin, of the last interval,\n"
		"                                    what is in a call now\n"
		"  /plan                             with what it counts\n"
		"  /stream                           each interval as a server-sent event\n"
		"  /                                 a page that shows it\n"
		"Without the token nobody is told of processes and users.\n"
		"\n"
		"examples:\n"
		"  sysgate serve                             then open http://" LISTEN_DEFAULT "/\n"
		"  sysgate serve -l unix:/run/sysgate/http   for processes that may open the socket\n"
		"  sysgate serve -l 0.0.0.0:9791 --token-file token --tls-cert c.pem --tls-key k.pem\n"
		"                                            for other machines\n",
	.options = options,
	.size = sizeof(struct serve_options),
	.run = run,
};
