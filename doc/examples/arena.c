/* SPDX-License-Identifier: BSD-3-Clause */
/* Allocates a record on the node of the caller, and frees all records of an epoch at once. */
#include <rte_eal.h>
#include <stdio.h>
#include <tide_arena.h>

int
main(int argc, char **argv)
{
	const struct tide_arena_conf conf = {.name = "flows", .chunk_size = 4096, .chunks = 8};
	struct tide_arena *arena;
	uint64_t *record;
	int reader;

	if (rte_eal_init(argc, argv) < 0 || (arena = tide_arena_create(&conf)) == NULL)
		return 1;
	reader = tide_arena_reader_register(arena, "worker");
	record = reader < 0 ? NULL : tide_arena_alloc(arena, sizeof(*record), 0);
	if (record == NULL)
		return 1;
	*record = 42;
	/* A control thread ends the epoch. The worker uses its records until it is quiescent. */
	if (tide_arena_flip(arena, NULL) < 0)
		return 1;
	printf("record %d\n", (int)*record);
	tide_arena_quiescent(arena, (unsigned int)reader);
	printf("epochs reclaimed: %d\n", tide_arena_reclaim(arena));
	tide_arena_reader_unregister(arena, (unsigned int)reader);
	return tide_arena_free(arena) < 0;
}
