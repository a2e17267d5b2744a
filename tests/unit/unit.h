/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frame of a unit test: a table of cases, each run in a process of its own by libcheck, and
 * one "ok" or "not ok" line a case for tests/run.
 */
#ifndef SYSGATE_TESTS_UNIT_H
#define SYSGATE_TESTS_UNIT_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define CASE_SECONDS 60

struct unit_case {
	const char *name; /* what a user may rely on when it is ok */
	const TTest *test;
};

/* Runs count cases of the module. The exit status. */
static inline int unit_main(const char *module, const struct unit_case *cases, size_t count)
{
	Suite *suite = suite_create(module);
	SRunner *runner;
	TestResult **results;
	int failed, n;

	for (size_t i = 0; i < count; i++) {
		TCase *c = tcase_create(cases[i].name);

		tcase_set_timeout(c, CASE_SECONDS);
		tcase_add_test(c, cases[i].test);
		suite_add_tcase(suite, c);
	}
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	n = srunner_ntests_run(runner);
	results = srunner_results(runner);
	for (int i = 0; i < n; i++) {
		TestResult *r = results[i];

		if (tr_rtype(r) == CK_PASS)
			printf("ok %s: %s\n", module, tr_tcname(r));
		else
			printf("not ok %s: %s: %s:%d: %s\n", module, tr_tcname(r), tr_lfile(r),
			       tr_lno(r), tr_msg(r));
	}
	free(results);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
