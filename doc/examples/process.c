/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints what the kernel lets this process do, and what follows. */
#include <inttypes.h>
#include <stdio.h>
#include <tide_process.h>

int
main(void)
{
	static const char *const answers[] = {"no", "yes", "unknown"};
	struct tide_capability_state state;

	for (int i = 0; i < TIDE_CAPABILITY_COUNT; i++) {
		tide_process_capability(i, &state);
		printf("%s: %s, %s: %s\n", tide_capability_name(i), answers[state.answer],
			state.fact, state.consequence);
		if (state.remedy != NULL)
			printf("\tremedy: %s\n", state.remedy);
	}
	printf("cgroups leave %" PRIu64 " bytes and %" PRIu64 " huge pages of 2 MB\n",
		tide_process_memory_room(), tide_process_huge_room(UINT64_C(2) << 20));
	return 0;
}
