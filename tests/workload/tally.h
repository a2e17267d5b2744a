/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The truth: what a dry run has counted, and its rows (the format is described in sys.h). */
#ifndef WORKLOAD_TALLY_H
#define WORKLOAD_TALLY_H

#include "calls.h"
#include "gate.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

typedef unsigned long long u64;

struct row {
	enum gate gate;
	enum call call;
	u64 count, never_returned, restarts, child_returns, in_flight, min_ns;
	u64 errors[ARRAY_SIZE(error_names)];
};

static struct row rows[64];
static unsigned int nr_rows;

static char out[16384];
static unsigned int out_len;

static inline void put_str(const char *s)
{
	while (*s && out_len < sizeof(out))
		out[out_len++] = *s++;
}

/* Bit by bit: a 64-bit division needs libgcc on i386, which an amd64 host does not have. */
static inline unsigned int div10(u64 *v)
{
	unsigned int rest = 0;
	u64 quotient = 0;

	for (int bit = 63; bit >= 0; bit--) {
		rest = rest << 1 | (*v >> bit & 1);
		quotient <<= 1;
		if (rest >= 10) {
			rest -= 10;
			quotient |= 1;
		}
	}
	*v = quotient;
	return rest;
}

/* @to has room for 21 characters. */
static inline void format_num(char *to, u64 v)
{
	char digits[24], *p = digits + sizeof(digits) - 1;

	*p = '\0';
	do
		*--p = (char)('0' + div10(&v));
	while (v);
	while ((*to++ = *p++))
		;
}

static inline void put_num(u64 v)
{
	char digits[24];

	format_num(digits, v);
	put_str(digits);
}

static inline void put_signed(long v)
{
	if (v < 0)
		put_str("-");
	put_num(v < 0 ? -(u64)v : (u64)v);
}

static inline long call_nr(enum gate gate, enum call call)
{
	return gate == GATE_SYSCALL ? call_names[call].nr64 : call_names[call].nr32;
}

/* The row of a call by a gate, made when it is first asked for; the overflow is caught in print. */
static inline struct row *tally(enum gate gate, enum call call)
{
	for (unsigned int i = 0; i < nr_rows; i++)
		if (rows[i].gate == gate && rows[i].call == call)
			return &rows[i];
	if (nr_rows < ARRAY_SIZE(rows) - 1)
		nr_rows++;
	rows[nr_rows - 1].gate = gate;
	rows[nr_rows - 1].call = call;
	return &rows[nr_rows - 1];
}

/* @count calls that all returned @ret; an error that has no name here goes to no row. */
static inline struct row *tally_returns(enum gate gate, enum call call, u64 count, long ret)
{
	struct row *row = tally(gate, call);

	row->count += count;
	for (unsigned int i = 0; i < ARRAY_SIZE(error_names); i++)
		if (ret == -error_names[i].error)
			row->errors[i] += count;
	return row;
}

static inline void put_key(const char *kind, const struct row *row)
{
	static const char *const gates[] = {
		[GATE_SYSCALL] = ",x86_64,syscall,",
		[GATE_VDSO] = ",i386,vdso,",
		[GATE_INT80] = ",i386,int80,",
	};

	put_str(kind);
	put_str(gates[row->gate]);
	put_str(call_names[row->call].name);
	put_str(",");
	put_signed(call_nr(row->gate, row->call));
}

static inline void put_cell(u64 v)
{
	put_str(",");
	put_num(v);
}

static inline void put_count_row(const char *kind, const struct row *row, u64 count,
				 const char *error)
{
	if (!count)
		return;
	put_key(kind, row);
	put_cell(count);
	put_str(",,");
	put_str(error);
	put_str(",,,\n");
}

static inline void put_row(const struct row *row)
{
	u64 errors = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(error_names); i++)
		errors += row->errors[i];
	put_key("call", row);
	put_cell(row->count);
	put_cell(errors);
	put_str(",");
	put_cell(row->never_returned);
	put_cell(row->restarts);
	put_cell(row->min_ns);
	put_str("\n");
	for (unsigned int i = 0; i < ARRAY_SIZE(error_names); i++)
		put_count_row("errno", row, row->errors[i], error_names[i].name);
	put_count_row("child_return", row, row->child_returns, "");
	put_count_row("in_flight", row, row->in_flight, "");
}

static inline void put_rows(void)
{
	put_str("kind,abi,gate,name,nr,count,errors,errno,never_returned,restarts,min_ns\n");
	for (unsigned int i = 0; i < nr_rows; i++)
		put_row(&rows[i]);
}

#endif
