/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: packets for scenarios hold and copy. */

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "scenarios/held_packets.h"

/* The simple Internet mix (IMIX): 7 short, 4 middle, 1 long. */
static const uint16_t mix[] = {64, 594, 64, 64, 594, 64, 1518, 64, 594, 64, 64, 594};

/* By the variant of a workload. */
static const struct {
	const char *label;
	uint16_t len; /* 0: the mix. */
} kinds[] = {{"64 bytes", 64}, {"256 bytes", 256}, {"1500 bytes", 1500}, {"IMIX", 0}};

bool
held_packets_plan(const struct bench *bench, unsigned int i, struct workload *workload)
{
	if (i >= RTE_DIM(kinds))
		return false;
	snprintf(workload->label, sizeof(workload->label), "%s", kinds[i].label);
	workload->variant = i;
	workload->buffers = HELD_PACKETS_BUFFERS;
	return true;
}

void
held_packets_add_candidates(
	struct bench *bench, const struct scenario *scenario, const char *const *names)
{
	for (unsigned int i = 0; names[i] != NULL; i++) {
		struct candidate *c = bench_candidate(bench, names[i]);

		c->extra_of = scenario;
		c->present = true;
		c->no_peer = i == 0;
	}
}

uint16_t
held_packets_len(const struct workload *workload, uint64_t n)
{
	const uint16_t len = kinds[workload->variant].len;

	return len != 0 ? len : mix[n % RTE_DIM(mix)];
}

double
held_packets_data_bytes(const struct workload *workload)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < RTE_DIM(mix); i++)
		sum += RTE_ALIGN_CEIL(
			held_packets_len(workload, i) + sizeof(struct rte_mbuf_ext_shared_info),
			sizeof(uint64_t));
	return (double)sum / RTE_DIM(mix);
}

struct tide_pktbuf *
held_packets_set(const struct workload *workload, uint32_t packets, struct app_error *err)
{
	const int node = (int)rte_socket_id();
	struct tide_pktbuf_conf conf = {
		.name = "bench",
		.nodes = &node,
		.nb_nodes = 1,
		.packets = packets,
	};
	const double each = held_packets_data_bytes(workload);
	/* Half a packet on average does not fit at the end of a chunk. */
	const double room = TIDE_PKTBUF_CHUNK_DEFAULT - 128 - each / 2;
	struct tide_pktbuf *set;

	conf.chunks = (uint32_t)(packets * each / room) + 2;
	set = tide_pktbuf_create(&conf);
	if (set == NULL)
		app_fail(err, APP_EXIT_RUN, "tide_pktbuf_create() of %u packets: %s", packets,
			rte_strerror(rte_errno));
	return set;
}
