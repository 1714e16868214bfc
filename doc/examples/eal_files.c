/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints the huge pages that dead processes keep. */
#include <inttypes.h>
#include <rte_common.h>
#include <stdio.h>
#include <tide_eal_files.h>

int
main(void)
{
	struct tide_eal_files files[64];
	unsigned int n = tide_eal_files_read(files, RTE_DIM(files));

	for (unsigned int i = 0; i < n && i < RTE_DIM(files); i++) {
		if (files[i].owner != TIDE_EAL_OWNER_DEAD)
			continue;
		printf("node %d: %u files of prefix %s in %s keep %" PRIu64 " bytes\n",
			files[i].node, files[i].files, files[i].prefix, files[i].directory,
			files[i].bytes);
	}
	return 0;
}
