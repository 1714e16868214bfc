/* SPDX-License-Identifier: BSD-3-Clause */
/* Copies a received packet into memory of its own length, so that it can be kept. */
#include <rte_eal.h>
#include <stdio.h>
#include <tide_pktbuf.h>

int
main(int argc, char **argv)
{
	const struct tide_pktbuf_conf conf = {.name = "kept", .packets = 1024, .chunks = 8};
	struct rte_mbuf *m, *copy;
	struct tide_pktbuf *set;

	if (rte_eal_init(argc, argv) < 0 || (set = tide_pktbuf_create(&conf)) == NULL)
		return 1;
	m = tide_pktbuf_alloc(set, 60);
	if (m == NULL || rte_pktmbuf_append(m, 60) == NULL)
		return 1;
	copy = tide_pktbuf_copy(set, m);
	rte_pktmbuf_free(m);
	if (copy == NULL)
		return 1;
	tide_pktbuf_dump(set, stdout);
	rte_pktmbuf_free(copy);
	return tide_pktbuf_free(set) < 0;
}
