// SPDX-License-Identifier: GPL-2.0-only
/* 6.13: sys_enter and sys_exit may fault, so their handlers run with preemption on. */
#include <linux/tracepoint.h>
#ifndef DECLARE_TRACE_SYSCALL
#error
#endif
