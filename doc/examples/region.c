/* SPDX-License-Identifier: BSD-3-Clause */
/* Maps 4 MB on node 0, and prints where the kernel says that each page is; it needs no EAL. */
#include <rte_errno.h>
#include <stdio.h>
#include <string.h>
#include <tide_region.h>

int
main(void)
{
	const struct tide_region_conf conf = {
		.name = "table",
		.node = 0,
		.len = 4 << 20,
		.backing = TIDE_BACKING_OWN,
		.enforce = TIDE_ENFORCE_STRICT,
	};
	struct tide_placement found;
	struct tide_region *region = tide_region_create(&conf, &found);

	if (region == NULL) {
		fprintf(stderr, "%s: %s\n", rte_strerror(rte_errno), found.hint);
		return 1;
	}
	memset(tide_region_addr(region), 0, tide_region_len(region));
	tide_placement_dump(tide_region_placement(region), stdout);
	tide_region_free(region);
	return 0;
}
