/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: the scenarios that register themselves, and their targets. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "frame/bench.h"

static unsigned int
count(void)
{
	unsigned int n = 0;

	while (scenarios()[n] != NULL)
		n++;
	return n;
}

static const struct scenario *
find(const char *name)
{
	for (unsigned int i = 0; i < count(); i++)
		if (strcmp(scenarios()[i]->name, name) == 0)
			return scenarios()[i];
	fail_msg("there is no scenario %s", name);
	return NULL;
}

static void
scenarios_are_in_order(void **state)
{
	const struct scenario *const *all = scenarios();

	assert_true(count() > 0);
	for (unsigned int i = 1; i < count(); i++) {
		assert_true(all[i - 1]->order <= all[i]->order);
		if (all[i - 1]->order == all[i]->order)
			assert_true(strcmp(all[i - 1]->name, all[i]->name) < 0);
	}
}

static void
two_scenarios_with_one_place_are_ordered_by_name(void **state)
{
	static const struct scenario b = {.name = "b", .order = 1000};
	static const struct scenario a = {.name = "a", .order = 1000};
	static const struct scenario first = {.name = "z", .order = 0};
	const unsigned int n = count();

	scenario_register(&b);
	scenario_register(&a);
	scenario_register(&first);
	assert_int_equal(count(), n + 3);
	assert_ptr_equal(scenarios()[0], &first);
	assert_ptr_equal(scenarios()[n + 1], &a);
	assert_ptr_equal(scenarios()[n + 2], &b);
}

static void
each_scenario_can_run_and_be_described(void **state)
{
	for (unsigned int i = 0; i < count(); i++) {
		const struct scenario *s = scenarios()[i];

		assert_true(s->plan != NULL && s->setup != NULL);
		assert_true(s->run != NULL && s->teardown != NULL);
		assert_true(s->unit != NULL && s->description != NULL);
		assert_true(strlen(s->name) <= SCENARIO_NAME_MAX);
		assert_true(strlen(s->summary) <= SCENARIO_SUMMARY_MAX);
	}
}

static void
lines_of_a_description_fit_into_80_columns_indented(void **state)
{
	for (unsigned int i = 0; i < count(); i++) {
		const char *text = scenarios()[i]->description;

		while (*text != '\0') {
			size_t len = strcspn(text, "\n");

			if (len > SCENARIO_LINE_MAX)
				fail_msg("%s: \"%.*s\"", scenarios()[i]->name, (int)len, text);
			assert_int_equal(text[len], '\n');
			text += len + 1;
		}
	}
}

static void
a_target_names_what_it_compares_with(void **state)
{
	for (unsigned int i = 0; i < count(); i++)
		for (unsigned int k = 0; k < scenarios()[i]->nb_targets; k++) {
			const struct target *t = &scenarios()[i]->targets[k];

			assert_true(t->limit > 0);
			assert_int_equal(t->peer != NULL, t->against == TARGET_NAMED);
		}
}

/* Targets of a run of a scenario with a ledger; first: the start of their label, or NULL. */
static unsigned int
targets_of(const char *scenario, const char *first, enum ledger_mode ledger)
{
	const struct scenario *s = find(scenario);
	unsigned int n = 0;

	for (unsigned int i = 0; i < s->nb_targets; i++) {
		const struct target *t = &s->targets[i];

		n += target_counts(t, ledger) &&
		     (first == NULL || (t->label != NULL && strcmp(t->label, first) == 0));
	}
	return n;
}

static void
each_ledger_has_targets_of_its_own(void **state)
{
	static const char *const scenario[] = {"bulk", "single", "nic", "spread", "spread", "sweep",
		"contend", "oversubscribed", "memory"};
	static const char *const first[] = {NULL, NULL, NULL, "1 lcore,", "2 lcores,"};

	for (size_t i = 0; i < RTE_DIM(scenario); i++) {
		const char *label = i < RTE_DIM(first) ? first[i] : NULL;

		assert_true(targets_of(scenario[i], label, LEDGER_MODE_FULL) > 0);
		assert_true(targets_of(scenario[i], label, LEDGER_MODE_OFF) > 0);
		assert_int_equal(targets_of(scenario[i], label, LEDGER_MODE_ANY), 0);
	}
	for (int ledger = LEDGER_MODE_ANY; ledger <= LEDGER_MODE_OFF; ledger++)
		assert_int_equal(targets_of("tail", NULL, (enum ledger_mode)ledger), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scenarios_are_in_order),
		cmocka_unit_test(each_scenario_can_run_and_be_described),
		cmocka_unit_test(lines_of_a_description_fit_into_80_columns_indented),
		cmocka_unit_test(a_target_names_what_it_compares_with),
		cmocka_unit_test(each_ledger_has_targets_of_its_own),
		/* Adds scenarios that cannot run. */
		cmocka_unit_test(two_scenarios_with_one_place_are_ordered_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
