// SPDX-License-Identifier: GPL-2.0-or-later
/* What is needed to look into a failed check later, elsewhere. */
#include <errno.h>
#include <gnu/libc-version.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "cmd/check.h"
#include "sink/text.h"
#include "stats/view.h"

int check_keep_prepare(const char *folder, struct sg_error *e)
{
	struct stat st;

	if (!mkdir(folder, 0777) || errno == EEXIST) {
		if (!stat(folder, &st) && S_ISDIR(st.st_mode))
			return 0;
		errno = ENOTDIR;
	}
	return sg_fail_errno(e, errno, "create '%.200s'", folder);
}

struct keeping {
	struct session *session;
	const struct check_kept *kept;
};

static int write_snapshot(FILE *out, const struct keeping *k, struct sg_error *e)
{
	struct selection *s = &k->session->selection;
	const struct snapshot *snapshot = k->kept->report->snapshot;

	s->sink = &sink_json;
	s->view.group = GROUP_DEFAULT;
	s->view.group |= snapshot->dims & DIM_PROC ? GROUP_COMM : 0;
	s->view.group |= snapshot->dims & DIM_ERRNO ? GROUP_ERRNO : 0;
	return select_render(s, snapshot, out, e);
}

static int write_text(FILE *out, const struct keeping *k, struct sg_error *e)
{
	(void)e;
	return report_format_text.write(out, k->kept->report, false);
}

static int write_json(FILE *out, const struct keeping *k, struct sg_error *e)
{
	(void)e;
	return report_format_json.write(out, k->kept->report, false);
}

static json_t *text(const char *s)
{
	_cleanup_free_ char *valid = text_utf8(s);

	return valid ? json_string_nocheck(valid) : json_null();
}

static int write_versions(FILE *out, const struct keeping *k, struct sg_error *e)
{
	const struct snapshot *s = k->kept->report->snapshot;
	json_t *o = json_object(), *command = json_array();
	int bad;

	for (char *const *word = k->kept->command; word && *word; word++)
		json_array_append_new(command, text(*word));
	json_object_set_new(o, "sysgate", text(SYSGATE_VERSION));
	json_object_set_new(o, "libc", text(gnu_get_libc_version()));
	json_object_set_new(o, "host", text(s->host));
	json_object_set_new(o, "kernel", text(s->kernel));
	json_object_set_new(o, "machine", text(s->machine));
	json_object_set_new(o, "cpus", json_integer(s->cpus));
	json_object_set_new(o, "engine", text(k->session->why));
	json_object_set_new(o, "budget", text(k->kept->budget->path));
	json_object_set_new(o, "baseline",
			    k->kept->baseline ? text(k->kept->baseline) : json_null());
	json_object_set_new(o, "command", command);
	bad = json_dumpf(o, out, JSON_INDENT(2) | JSON_ENSURE_ASCII) || fputc('\n', out) == EOF;
	json_decref(o);
	(void)e;
	return bad ? -EIO : 0;
}

/* As it is now: it was read when the check began. */
static int copy(FILE *out, const char *path, struct sg_error *e)
{
	_cleanup_fclose_ FILE *in = fopen(path, "re");
	char buf[4096];
	size_t n;

	if (!in)
		return sg_fail_errno(e, errno, "open '%.200s'", path);
	while ((n = fread(buf, 1, sizeof(buf), in)) > 0)
		fwrite(buf, 1, n, out);
	return ferror(in) ? sg_fail_errno(e, EIO, "read '%.200s'", path) : 0;
}

static int write_budget(FILE *out, const struct keeping *k, struct sg_error *e)
{
	return copy(out, k->kept->budget->path, e);
}

static int write_baseline(FILE *out, const struct keeping *k, struct sg_error *e)
{
	return copy(out, k->kept->baseline, e);
}

static const struct {
	const char *name;
	int (*write)(FILE *out, const struct keeping *k, struct sg_error *e);
	bool of_baseline;
} files[] = {
	{ "snapshot.json", write_snapshot, false }, { "report.txt", write_text, false },
	{ "report.json", write_json, false },	    { "versions.json", write_versions, false },
	{ "budget.ini", write_budget, false },	    { "baseline.jsonl", write_baseline, true },
};

int check_keep(struct session *s, const struct check_kept *kept, struct sg_error *e)
{
	const struct keeping k = { s, kept };
	int ret = 0;

	for (size_t i = 0; !ret && i < ARRAY_SIZE(files); i++) {
		_cleanup_free_ char *path = NULL;
		struct output out;

		if (files[i].of_baseline && !kept->baseline)
			continue;
		if (asprintf(&path, "%s/%s", kept->folder, files[i].name) < 0) {
			path = NULL;
			return sg_fail_errno(e, ENOMEM, "keep the failure");
		}
		ret = output_open(&out, path, e);
		if (ret)
			return ret;
		ret = output_wrote(&out, files[i].write(out.file, &k, e), files[i].name, e);
		if (!ret)
			ret = output_commit(&out, e);
		output_close(&out);
	}
	return ret;
}
