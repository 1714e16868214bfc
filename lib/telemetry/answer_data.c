/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Writes answers as data of DPDK's telemetry. */

#include <rte_common.h>
#include <rte_version.h>

#include "answer.h"

static struct rte_tel_data *
target(const struct tidei_answer *answer)
{
	return answer->nested ? answer->nested_data : answer->data;
}

static void
start(struct tidei_answer *answer)
{
	if (answer->in_array)
		rte_tel_data_start_array(answer->data, RTE_TEL_STRING_VAL);
	else
		rte_tel_data_start_dict(answer->data);
}

/* DPDK writes JSON of ASCII alone: with other bytes it reads outside its table of escapes. */
static void
string(struct tidei_answer *answer, const char *name, const char *text)
{
	char ascii[RTE_TEL_MAX_STRING_LEN];
	size_t n;

	for (n = 0; text[n] != '\0' && n < sizeof(ascii) - 1; n++)
		ascii[n] = (char)(text[n] >= 0x20 && text[n] < 0x7f ? text[n] : '?');
	ascii[n] = '\0';
	if (name == NULL)
		rte_tel_data_add_array_string(answer->data, ascii);
	else
		rte_tel_data_add_dict_string(target(answer), name, ascii);
}

static void
number(struct tidei_answer *answer, const char *name, uint64_t magnitude, bool negative)
{
	if (negative)
		rte_tel_data_add_dict_int(target(answer), name, -(int64_t)magnitude);
	else
#if RTE_VERSION < RTE_VERSION_NUM(23, 3, 0, 0)
		rte_tel_data_add_dict_u64(target(answer), name, magnitude);
#else
		rte_tel_data_add_dict_uint(target(answer), name, magnitude);
#endif
}

static bool
open_nested(struct tidei_answer *answer)
{
	answer->nested_data = rte_tel_data_alloc();
	if (answer->nested_data == NULL)
		return false;
	rte_tel_data_start_dict(answer->nested_data);
	return true;
}

/* DPDK frees a nested dictionary of an answer when it has sent it. */
static void
close_nested(struct tidei_answer *answer, bool whole)
{
	if (!whole || rte_tel_data_add_dict_container(
			      answer->data, answer->nested_name, answer->nested_data, 0) < 0)
		rte_tel_data_free(answer->nested_data);
}

static void
end(struct tidei_answer *answer)
{
	RTE_SET_USED(answer);
}

static const struct tidei_answer_writer writer = {
	.start = start,
	.string = string,
	.number = number,
	.open = open_nested,
	.close = close_nested,
	.end = end,
};

void
tidei_answer_to_data(struct tidei_answer *answer, struct rte_tel_data *data)
{
	*answer = (struct tidei_answer){.writer = &writer, .data = data};
}
