/* SPDX-License-Identifier: BSD-3-Clause */
/* Allocates from one stretch of memory that all threads share, without DPDK. */
#include <stdio.h>
#include <stdlib.h>
#include <tide_bump.h>

int
main(void)
{
	struct tide_bump_conf conf = {.name = "scratch", .len = 1 << 20};
	char reason[TIDE_BUMP_REASON_MAX];
	struct tide_bump *bump;
	int failed;

	conf.addr = malloc(conf.len);
	bump = tide_bump_create(&conf, reason);
	if (bump == NULL) {
		fprintf(stderr, "%s\n", reason);
		return 1;
	}
	failed = tide_bump_alloc(bump, 1000, 64) == NULL;
	tide_bump_dump(bump, stdout);
	/* One call frees all allocations. */
	failed |= tide_bump_reset(bump, NULL) < 0 || tide_bump_free(bump) < 0;
	free(conf.addr);
	return failed;
}
