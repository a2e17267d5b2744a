// SPDX-License-Identifier: GPL-2.0-only
#include "unwind.h"

#include <linux/mm.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define CODE_MAX 32 /* bytes that a stub's end may have */

/* What is not in memory is not fetched: a handler does not sleep. */
static bool read_user(void *to, unsigned long from, size_t size)
{
	const void __user *at = (const void __user *)from;
	bool all;

	if (!access_ok(at, size))
		return false;
	pagefault_disable();
	all = !__copy_from_user_inatomic(to, at, size);
	pagefault_enable();
	return all;
}

static bool read_word(const struct sg_frame *f, unsigned long at, unsigned long *out)
{
	*out = 0; /* a short one's upper half */
	return read_user(out, at, f->word);
}

/* One register to another, neither the stack's nor the frame's: MOD is 3, and both are not 4 or 5.
 */
static bool is_plain(u8 modrm)
{
	return modrm >> 6 == 3 && (modrm >> 3 & 6) != 4 && (modrm & 6) != 4;
}

/* Adds to SP what "add $n,%sp" of that many bytes of n does. */
static void drop(struct sg_frame *f, const u8 *n)
{
	f->sp += (s8)*n;
}

static bool pop(struct sg_frame *f, u8 reg)
{
	if (reg == 4) /* of SP itself */
		return false;
	if (reg == 5 && !read_word(f, f->sp, &f->bp))
		return false;
	f->sp += f->word;
	return true;
}

static bool leave(struct sg_frame *f)
{
	unsigned long bp = f->bp;

	f->sp = bp + f->word;
	return read_word(f, bp, &f->bp);
}

/* The instruction at code, of which at least 8 bytes may be read: its length, 0: not one of these.
 */
static int step(struct sg_frame *f, const u8 *code)
{
	/* A prefix that makes it 64 bits wide; INC and DEC in 32-bit code. */
	bool wide = f->word == 8 && code[0] == 0x48;
	const u8 *c = code + wide;

	switch (c[0]) {
	case 0x90: /* nop */
		return wide + 1;
	case 0x3d: /* cmp $n, %eax */
		return wide + 5;
	case 0x83: /* cmp $n, %eax; add $n, %sp */
		if (c[1] == 0xc4 && f->word == (wide ? 8 : 4))
			drop(f, c + 2);
		else if (c[1] != 0xf8)
			return 0;
		return wide + 3;
	case 0x31: /* xor, cmp, test, mov of registers */
	case 0x33:
	case 0x39:
	case 0x3b:
	case 0x85:
	case 0x89:
	case 0x8b:
		return is_plain(c[1]) ? wide + 2 : 0;
	case 0x70 ... 0x7f: /* jumps: for an error, after which the stack is the same */
		return wide ? 0 : 2;
	case 0x0f:
		return !wide && (c[1] & 0xf0) == 0x80 ? 6 : 0;
	case 0x58 ... 0x5f:
		return !wide && pop(f, c[0] & 7) ? 1 : 0;
	case 0x41: /* pop %r8 .. %r15 */
		if (f->word != 8 || wide || (c[1] & 0xf8) != 0x58)
			return 0;
		f->sp += f->word;
		return 2;
	case 0xc9:
		return !wide && leave(f) ? 1 : 0;
	}
	return 0;
}

static bool is_return(const u8 *code)
{
	return code[0] == 0xc3 || code[0] == 0xc2 || (code[0] == 0xf3 && code[1] == 0xc3);
}

bool sg_unwind(struct sg_frame *f)
{
	/* Zeros, behind what a page has, are no instruction that is known here. */
	u8 code[CODE_MAX + 8] = { 0 };
	size_t has = min_t(size_t, CODE_MAX, PAGE_SIZE - offset_in_page(f->ip));
	struct sg_frame next = *f;
	size_t at = 0;
	int size;

	if (!read_user(code, f->ip, has))
		return false;
	while (!is_return(code + at)) {
		size = step(&next, code + at);
		at += size;
		if (!size || at >= has)
			return false;
	}
	if (!read_word(&next, next.sp, &next.ip) || !next.ip)
		return false;
	next.sp += next.word;
	*f = next;
	return true;
}
