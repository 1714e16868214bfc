/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Fuzzes the requests of the telemetry socket: the reply to each is JSON, and not longer than the protocol allows. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <rte_common.h>
#include <rte_mempool.h>

#include "eal.h"
#include "request.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Names that JSON, the protocol or a printf(3) could take for something else. */
static const char *const names[] = {
	"p", "a\"b\\c", "x,y", "%s%n", "\x01\n\xff", "{}:[]/", "25_characters_are_the_mos"};

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct rte_mempool *mp;

	test_eal_start(false, 64, "0");
	for (unsigned int i = 0; i < RTE_DIM(names); i++) {
		mp = rte_mempool_create_empty(names[i], 8, 64, i % 2 * 4, 0, SOCKET_ID_ANY, 0);
		if (mp == NULL || rte_mempool_set_ops_byname(mp, "tide", NULL) < 0 ||
			rte_mempool_populate_default(mp) < 0)
			abort();
	}
	return 0;
}

static void
expect_reply(const char *reply, size_t len)
{
	json_error_t error;
	json_t *json;

	if (len > TIDEI_ANSWER_REPLY)
		abort();
	json = json_loadb(reply, len, 0, &error);
	if (json == NULL || json_object_size(json) != 1)
		abort();
	json_decref(json);
}

/* A slow endpoint takes half a second, so it is only refused, as the server does while another one is at work. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tidei_request request;
	static char reply[TIDEI_ANSWER_REPLY];
	size_t len = RTE_MIN(size, sizeof(request.text) - 1);

	memcpy(request.text, data, len);
	tidei_request_read(&request, len);
	if (request.endpoint == NULL || !request.endpoint->slow)
		expect_reply(reply, tidei_request_reply(&request, reply));
	expect_reply(reply, tidei_request_refuse(&request, "a reason", reply));
	return 0;
}
