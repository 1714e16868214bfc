/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints how many buffers and pages two ports with four queues each need; it needs no EAL. */
#include <inttypes.h>
#include <rte_mbuf.h>
#include <stdio.h>
#include <tide_pool_size.h>

int
main(void)
{
	const struct tide_pool_need need = {
		.rx_queues = 8,
		.rx_desc = 1024,
		.tx_queues = 8,
		.tx_desc = 1024,
		.lcores = 4,
		.burst = 32,
		.data_room = RTE_MBUF_DEFAULT_BUF_SIZE,
	};
	struct tide_pool_size size;

	if (tide_pool_size(&need, 0, TIDE_PAGE_2M, &size) < 0)
		return 1;
	printf("%u buffers of %u bytes, %" PRIu64 " pages\n", size.buffers, size.object,
		size.pages);
	if (size.command[0] != '\0')
		printf("reserve them with: %s\n", size.command);
	return 0;
}
