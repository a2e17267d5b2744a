// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

#define FILE_BYTES   65536
#define TOKEN_LENGTH 16

int secret_read(const char *path, bool secret, char **text, struct sg_error *e)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st))
		return sg_fail_errno(e, errno, "cannot read '%s'", path);
	if (secret && st.st_mode & 07) {
		sg_fail(e, EINVAL, "'%s' can be read by everybody: it is no secret", path);
		sg_hint(e, "chmod 600 '%s', and have another made, since this one may be known",
			path);
		return -EINVAL;
	}
	*text = malloc(FILE_BYTES + 1);
	if (!*text)
		return sg_fail_errno(e, ENOMEM, "'%s'", path);
	n = read(fd, *text, FILE_BYTES);
	if (n < 0)
		return sg_fail_errno(e, errno, "cannot read '%s'", path);
	(*text)[n] = '\0';
	return 0;
}

int secret_token(const char *path, char **token, struct sg_error *e)
{
	int ret = secret_read(path, true, token, e);
	size_t n;

	if (ret)
		return ret;
	n = strcspn(*token, "\r\n");
	(*token)[n] = '\0';
	for (const char *c = *token; *c; c++)
		if (*c <= ' ' || *c > '~')
			n = 0;
	if (n >= TOKEN_LENGTH)
		return 0;
	sg_fail(e, EINVAL, "'%s': no token: a line of %d visible ASCII characters at least", path,
		TOKEN_LENGTH);
	sg_hint(e, "for example: (umask 077; openssl rand -hex 32 >'%s')", path);
	return -EINVAL;
}
