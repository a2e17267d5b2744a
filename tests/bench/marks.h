/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions that do nothing, by which a program in the guest tells trace.c outside of it what to
 * write down: `nopl CONSTANT(%rax)`.
 */
#ifndef BENCH_MARKS_H
#define BENCH_MARKS_H

#define MARK_BYTES 7

#define MARK(constant)	  __asm__ volatile("nopl " #constant "(%%rax)" : : : "memory")
#define mark_arm_here()	  MARK(0x53475f61)
#define mark_begin_here() MARK(0x53475f62)
#define mark_end_here()	  MARK(0x53475f65)

static const unsigned char mark_arm[MARK_BYTES] = { 0x0f, 0x1f, 0x80, 0x61, 0x5f, 0x47, 0x53 };
static const unsigned char mark_begin[MARK_BYTES] = { 0x0f, 0x1f, 0x80, 0x62, 0x5f, 0x47, 0x53 };
static const unsigned char mark_end[MARK_BYTES] = { 0x0f, 0x1f, 0x80, 0x65, 0x5f, 0x47, 0x53 };

#endif
