/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Bump pools: requests, flips, resets and readers. This program has nothing of DPDK: it links libtidebump. With
 * one argument, "read-late" or "read-early", it reads memory after or before its reset, for a case that
 * watches AddressSanitizer.
 */

#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bump_internal.h"

#define LEN 65536

static char memory[LEN] __attribute__((aligned(4096)));
static struct tide_bump *bump;
static char reason[TIDE_BUMP_REASON_MAX];

/* Refuse the next heap memory. */
static bool refuse;

void *__real_aligned_alloc(size_t align, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);

void *
__wrap_aligned_alloc(size_t align, size_t size)
{
	return refuse ? NULL : __real_aligned_alloc(align, size);
}

static struct tide_bump_conf
conf_of(unsigned int epochs)
{
	return (struct tide_bump_conf){
		.name = "test",
		.addr = memory,
		.len = sizeof(memory),
		.epochs = epochs,
	};
}

static void
make(unsigned int epochs)
{
	struct tide_bump_conf conf = conf_of(epochs);

	bump = tide_bump_create(&conf, reason);
	assert_non_null(bump);
}

/* After each case: sound, and gone. */
static int
clean_up(void **state)
{
	if (bump == NULL)
		return 0;
	assert_int_equal(tide_bump_check(bump, reason), 0);
	for (unsigned int i = 0; i < bump->nb_readers; i++)
		tide_bump_reader_unregister(&bump->reader[i]);
	assert_int_equal(tide_bump_free(bump), 0);
	bump = NULL;
	return 0;
}

static struct tide_bump_reader *
reader_of(const char *name)
{
	struct tide_bump_reader *reader = tide_bump_reader_register(bump, name);

	assert_non_null(reader);
	return reader;
}

/* What a call that must fail leaves in errno; the offset must not move. */
static int
refusal(size_t size, size_t align)
{
	uint64_t before = tide_bump_remaining(bump);

	errno = 0;
	assert_null(tide_bump_alloc(bump, size, align));
	assert_int_equal(tide_bump_remaining(bump), before);
	return errno;
}

static void
nothing_of_dpdk_is_needed(void **state)
{
	assert_null(dlsym(RTLD_DEFAULT, "rte_eal_init"));
	assert_null(dlsym(RTLD_DEFAULT, "per_lcore__rte_errno"));
}

static void
a_part_less_one_kilobyte_remains(void **state)
{
	make(0);
	assert_int_equal(tide_bump_capacity(bump), LEN);
	assert_int_equal(tide_bump_remaining(bump), LEN);
	assert_ptr_equal(tide_bump_alloc(bump, 1024, 0), memory);
	assert_int_equal(tide_bump_remaining(bump), LEN - 1024);
	assert_int_equal(tide_bump_reset(bump, NULL), 0);
	assert_int_equal(tide_bump_remaining(bump), LEN);
	assert_ptr_equal(tide_bump_alloc(bump, LEN, 0), memory);
	assert_int_equal(tide_bump_remaining(bump), 0);
}

static void
one_allocation_can_take_all_remaining_bytes(void **state)
{
	make(1);
	for (size_t size = 1; size <= 1000; size += 111) {
		assert_int_equal(tide_bump_reset(bump, NULL), 0);
		assert_non_null(tide_bump_alloc(bump, size, 0));
		assert_int_equal(refusal(tide_bump_remaining(bump) + 1, 0), ENOMEM);
		assert_non_null(tide_bump_alloc(bump, tide_bump_remaining(bump), 0));
		assert_int_equal(refusal(1, 0), ENOMEM);
	}
}

static void
a_bad_request_is_refused_and_takes_nothing(void **state)
{
	make(1);
	assert_int_equal(refusal(0, 0), EINVAL);
	assert_int_equal(refusal(1, 3), EINVAL);
	assert_int_equal(refusal(1, 8192), EINVAL);
	assert_int_equal(refusal(1, SIZE_MAX), EINVAL);
	assert_int_equal(refusal(1, (size_t)1 << 63), EINVAL);
	assert_int_equal(refusal(LEN + 1, 0), EMSGSIZE);
	/* Sums that wrap around. */
	assert_non_null(tide_bump_alloc(bump, 8, 0));
	for (size_t less = 0; less < 64; less++) {
		assert_int_equal(refusal(SIZE_MAX - less, 0), EMSGSIZE);
		assert_int_equal(refusal(SIZE_MAX - less - (uintptr_t)memory, 0), EMSGSIZE);
		assert_int_equal(refusal(SIZE_MAX - less, 4096), EMSGSIZE);
	}
	/* A request that fails moves nothing, so a smaller one succeeds. */
	assert_int_equal(refusal(LEN, 0), ENOMEM);
	assert_non_null(tide_bump_alloc(bump, LEN - 8, 0));
}

static void
the_largest_size_of_each_alignment_fits_into_an_empty_part(void **state)
{
	struct tide_bump_conf conf = conf_of(1);

	/* A part that begins on 64 bytes and no more. */
	conf.addr = memory + 64 + 1;
	conf.len = LEN - 128 - 1;
	bump = tide_bump_create(&conf, reason);
	assert_non_null(bump);
	for (size_t align = 8; align <= TIDE_BUMP_ALIGN_MAX; align *= 2) {
		uintptr_t first = (bump->part[0] + align - 1) & ~(align - 1);
		size_t most = bump->part[0] + bump->capacity - first;

		assert_int_equal(tide_bump_reset(bump, NULL), 0);
		assert_int_equal(refusal(most + 1, align), EMSGSIZE);
		assert_ptr_equal(tide_bump_alloc(bump, most, align), first);
		/* The next address with that alignment may be beyond the end. */
		assert_int_equal(refusal(1, align), ENOMEM);
	}
}

/* The second half has fewer bytes behind an address of that alignment than the first. */
static void
a_size_that_one_half_cannot_hold_is_too_large(void **state)
{
	struct tide_bump_conf conf = conf_of(2);
	struct tide_bump_reader *reader;

	conf.len = 2 * (4096 + 64);
	bump = tide_bump_create(&conf, reason);
	assert_non_null(bump);
	reader = reader_of("a");
	tide_bump_hold(reader);
	assert_ptr_equal(tide_bump_reader_alloc(reader, 200, 4096), memory);
	assert_null(tide_bump_reader_alloc(reader, 200, 4096));
	assert_int_equal(errno, EMSGSIZE);
	assert_null(tide_bump_reader_alloc(reader, 128, 4096));
	assert_int_equal(errno, ENOMEM);
}

/* Under AddressSanitizer nothing of it is poisoned any more. */
static void
the_memory_of_a_pool_that_is_freed_is_the_callers_again(void **state)
{
	make(2);
	assert_int_equal(tide_bump_free(bump), 0);
	bump = NULL;
	memset(memory, 1, sizeof(memory));
	assert_int_equal(memory[LEN - 1], 1);
}

/* What a pool does, in the plainest terms: all bytes one by one. */
static void
random_requests_agree_with_a_naive_model(void **state)
{
	static unsigned char taken[LEN];
	size_t used = 0;
	unsigned int seed = (unsigned int)getpid();

	print_message("seed %u\n", seed);
	make(1);
	for (unsigned int i = 0; i < 20000; i++) {
		size_t align = rand_r(&seed) % 4 != 0 ? 0 : (size_t)1 << rand_r(&seed) % 13;
		size_t size = (size_t)rand_r(&seed) % (rand_r(&seed) % 8 == 0 ? 5000 : 200);
		size_t at = used, al = align < 8 ? 8 : align;
		unsigned char *found;

		while (at % al != 0)
			at++;
		errno = 0;
		found = tide_bump_alloc(bump, size, align);
		if (size == 0) {
			assert_null(found);
			assert_int_equal(errno, EINVAL);
			continue;
		}
		if (at + size > LEN) {
			assert_null(found);
			assert_int_equal(errno, ENOMEM);
			assert_int_equal(tide_bump_remaining(bump), LEN - used);
			assert_int_equal(tide_bump_reset(bump, NULL), 0);
			memset(taken, 0, sizeof(taken));
			used = 0;
			continue;
		}
		assert_ptr_equal(found, memory + at);
		for (size_t byte = at; byte < at + size; byte++)
			assert_int_equal(taken[byte]++, 0);
		memset(found, 1, size);
		used = (at + size + 7) / 8 * 8;
		assert_int_equal(tide_bump_remaining(bump), LEN - used);
	}
}

static void
the_least_alignment_holds_for_every_allocation(void **state)
{
	struct tide_bump_conf conf = conf_of(1);

	conf.align = 256;
	bump = tide_bump_create(&conf, reason);
	assert_non_null(bump);
	for (unsigned int i = 0; i < 10; i++)
		assert_int_equal((uintptr_t)tide_bump_alloc(bump, 1 + i, i % 2 ? 16 : 0) % 256, 0);
	assert_int_equal((uintptr_t)tide_bump_alloc(bump, 1, 1024) % 1024, 0);
}

static void
assert_invalid(const struct tide_bump_conf *conf, const char *said)
{
	memset(reason, 'x', sizeof(reason));
	errno = 0;
	assert_null(tide_bump_create(conf, reason));
	assert_int_equal(errno, EINVAL);
	assert_non_null(memchr(reason, '\0', sizeof(reason)));
	if (strstr(reason, said) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", reason, said);
	assert_null(tide_bump_create(conf, NULL));
}

static void
a_bad_conf_is_refused_with_a_sentence(void **state)
{
#define BAD(said, field, value)                          \
	do {                                             \
		struct tide_bump_conf conf = conf_of(2); \
		conf.field = value;                      \
		assert_invalid(&conf, said);             \
	} while (0)
	BAD("needs a name", name, NULL);
	BAD("needs a name", name, "");
	BAD("32 characters, 31", name, "12345678901234567890123456789012");
	BAD("addr is NULL", addr, NULL);
	BAD("last address", addr, (void *)(UINTPTR_MAX - 4096));
	/* The address that a failed mmap(2) returns. */
	BAD("last address", addr, MAP_FAILED);
	BAD("last address", addr, (void *)(UINTPTR_MAX - 4000));
	BAD("last address", len, SIZE_MAX);
	BAD("0 bytes make parts of 0", len, 0);
	BAD("make parts of 960", len, 2047);
	BAD("make parts of", len, (size_t)1 << 44);
	BAD("3 epochs", epochs, 3);
	BAD("1025 readers", readers, 1025);
	BAD("alignment of 3", align, 3);
	BAD("alignment of 8192", align, 8192);
}

static void
the_smallest_memory_will_do(void **state)
{
	struct tide_bump_conf conf = conf_of(2);

	conf.addr = memory + 1;
	conf.len = 63 + 2048;
	bump = tide_bump_create(&conf, reason);
	assert_non_null(bump);
	assert_int_equal(tide_bump_capacity(bump), 1024);
	conf.len--;
	assert_invalid(&conf, "make parts of 960");
}

static void
without_heap_memory_a_pool_is_refused_with_a_sentence(void **state)
{
	struct tide_bump_conf conf = conf_of(1);

	refuse = true;
	errno = 0;
	assert_null(tide_bump_create(&conf, reason));
	refuse = false;
	assert_int_equal(errno, ENOMEM);
	assert_non_null(strstr(reason, "test: malloc() has no"));
}

static void
a_pool_with_readers_is_not_freed(void **state)
{
	struct tide_bump_reader *reader;

	make(1);
	reader = reader_of("a");
	assert_int_equal(tide_bump_free(bump), -EBUSY);
	tide_bump_reader_unregister(reader);
	tide_bump_reader_unregister(NULL);
	assert_int_equal(tide_bump_free(NULL), 0);
}

static void
the_table_of_readers_has_an_end(void **state)
{
	struct tide_bump_conf conf = conf_of(2);
	struct tide_bump_reader *reader[3];
	char name[TIDE_BUMP_NAME_MAX + 2];

	conf.readers = 3;
	bump = tide_bump_create(&conf, reason);
	assert_non_null(bump);
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	errno = 0;
	assert_null(tide_bump_reader_register(bump, name));
	assert_int_equal(errno, EINVAL);
	reader[0] = reader_of(name + 1);
	reader[1] = reader_of(NULL);
	reader[2] = reader_of("c");
	errno = 0;
	assert_null(tide_bump_reader_register(bump, "one too many"));
	assert_int_equal(errno, ENOSPC);
	tide_bump_reader_unregister(reader[1]);
	assert_ptr_equal(tide_bump_reader_register(bump, "d"), reader[1]);
}

static void
flips_alternate_between_the_halves(void **state)
{
	struct tide_bump_reader *reader;
	char *first, *second;

	make(2);
	assert_int_equal(tide_bump_capacity(bump), LEN / 2);
	reader = reader_of("a");
	tide_bump_hold(reader);
	first = tide_bump_reader_alloc(reader, 100, 0);
	assert_ptr_equal(first, memory);
	assert_int_equal(tide_bump_flip(bump, NULL), 0);
	assert_int_equal(tide_bump_remaining(bump), LEN / 2);
	second = tide_bump_reader_alloc(reader, 100, 0);
	assert_ptr_equal(second, memory + LEN / 2);
	tide_bump_hold(reader);
	assert_int_equal(tide_bump_flip(bump, NULL), 0);
	assert_ptr_equal(tide_bump_reader_alloc(reader, 100, 0), first);
}

static void
a_flip_waits_for_the_reader_that_holds_the_epoch_before(void **state)
{
	struct tide_bump_reader *a, *b;
	struct tide_bump_stalled stalled;
	unsigned char *held;

	make(2);
	a = reader_of("a");
	b = reader_of("b");
	tide_bump_hold(a);
	held = tide_bump_reader_alloc(a, 1000, 0);
	assert_non_null(held);
	memset(held, 7, 1000);
	assert_int_equal(tide_bump_flip(bump, NULL), 0);
	tide_bump_hold(b);
	usleep(2000);
	for (unsigned int i = 0; i < 3; i++) {
		memset(&stalled, 0xff, sizeof(stalled));
		assert_int_equal(tide_bump_flip(bump, &stalled), -EBUSY);
		assert_string_equal(stalled.name, "a");
		assert_int_equal(stalled.reader, 0);
		assert_true(stalled.stalled_us >= 2000 && stalled.stalled_us < 60000000);
		while (tide_bump_reader_alloc(b, 500, 0) != NULL)
			;
		assert_int_equal(errno, ENOMEM);
	}
	for (unsigned int i = 0; i < 1000; i++)
		assert_int_equal(held[i], 7);
	tide_bump_release(a);
	assert_int_equal(tide_bump_flip(bump, NULL), 0);
	assert_int_equal(tide_bump_flip(bump, &stalled), -EBUSY);
	assert_string_equal(stalled.name, "b");
	tide_bump_reader_unregister(b);
	assert_int_equal(tide_bump_flip(bump, NULL), 0);
}

static void
with_two_epochs_only_a_reader_that_holds_can_allocate(void **state)
{
	struct tide_bump_reader *reader;

	make(2);
	assert_int_equal(refusal(1, 0), EPERM);
	reader = reader_of("a");
	assert_null(tide_bump_reader_alloc(reader, 1, 0));
	assert_int_equal(errno, EPERM);
	tide_bump_hold(reader);
	assert_non_null(tide_bump_reader_alloc(reader, 1, 0));
	tide_bump_release(reader);
	assert_null(tide_bump_reader_alloc(reader, 1, 0));
	assert_int_equal(errno, EPERM);
}

static void
a_pool_of_one_epoch_does_not_flip(void **state)
{
	make(1);
	assert_int_equal(tide_bump_flip(bump, NULL), -ENOTSUP);
}

static void
a_refused_reset_names_the_reader_and_changes_nothing(void **state)
{
	for (unsigned int epochs = 1; epochs <= 2; epochs++) {
		struct tide_bump_reader *reader;
		struct tide_bump_stalled stalled;
		uint64_t word;

		make(epochs);
		reader = reader_of("holder");
		tide_bump_hold(reader);
		assert_non_null(tide_bump_reader_alloc(reader, 100, 0));
		word = bump->word;
		assert_int_equal(tide_bump_reset(bump, &stalled), -EBUSY);
		assert_string_equal(stalled.name, "holder");
		assert_int_equal(stalled.stalled_us, 0);
		assert_int_equal(tide_bump_reset(bump, NULL), -EBUSY);
		assert_int_equal(bump->word, word);
		tide_bump_release(reader);
		assert_int_equal(tide_bump_reset(bump, &stalled), 0);
		assert_int_equal(tide_bump_remaining(bump), tide_bump_capacity(bump));
		/* A reader of the new epoch delays no flip. */
		tide_bump_hold(reader);
		assert_int_equal(tide_bump_flip(bump, NULL), epochs == 1 ? -ENOTSUP : 0);
		clean_up(NULL);
	}
}

static void
one_thread_at_a_time_flips_or_resets(void **state)
{
	make(2);
	assert_false(atomic_flag_test_and_set(&bump->busy));
	assert_int_equal(tide_bump_flip(bump, NULL), -EAGAIN);
	assert_int_equal(tide_bump_reset(bump, NULL), -EAGAIN);
	atomic_flag_clear(&bump->busy);
	assert_int_equal(tide_bump_reset(bump, NULL), 0);
}

static void
no_thread_allocates_during_a_reset(void **state)
{
	make(1);
	atomic_fetch_or(&bump->word, TIDEI_BUMP_CLOSED);
	assert_int_equal(refusal(1, 0), EAGAIN);
	assert_int_equal(tide_bump_check(bump, reason), -EINVAL);
	assert_non_null(strstr(reason, "reset is under way"));
	atomic_fetch_and(&bump->word, ~TIDEI_BUMP_CLOSED);
}

/* Tags wrap around at an even number, and the halves go on to alternate. */
static void
the_last_tag_is_followed_by_the_first(void **state)
{
	struct tide_bump_reader *reader;
	char *was = NULL, *now;

	make(2);
	reader = reader_of("a");
	bump->word = ~UINT64_C(0) << TIDEI_BUMP_TAG_SHIFT;
	for (unsigned int i = 0; i < 4; i++) {
		tide_bump_hold(reader);
		now = tide_bump_reader_alloc(reader, 8, 0);
		assert_true(now == memory || now == memory + LEN / 2);
		assert_ptr_not_equal(now, was);
		was = now;
		assert_int_equal(tide_bump_flip(bump, NULL), 0);
		assert_int_equal(tide_bump_flip(bump, NULL), -EBUSY);
	}
	tide_bump_release(reader);
	bump->word = ~UINT64_C(0) << TIDEI_BUMP_TAG_SHIFT;
	assert_int_equal(tide_bump_reset(bump, NULL), 0);
	assert_int_equal(bump->word, TIDEI_BUMP_TAG_ONE);
}

#ifndef __SANITIZE_ADDRESS__
static void
a_reclaimed_part_is_filled(void **state)
{
	struct tide_bump_conf conf = conf_of(2);
	struct tide_bump_reader *reader;
	unsigned char *stale;

	conf.fill = true;
	bump = tide_bump_create(&conf, reason);
	assert_non_null(bump);
	reader = reader_of("a");
	tide_bump_hold(reader);
	stale = tide_bump_reader_alloc(reader, 100, 0);
	memset(stale, 1, 100);
	assert_int_equal(tide_bump_flip(bump, NULL), 0);
	assert_int_equal(stale[99], 1);
	tide_bump_release(reader);
	assert_int_equal(tide_bump_flip(bump, NULL), 0);
	assert_int_equal(stale[99], TIDE_BUMP_FILL);
	tide_bump_hold(reader);
	stale = tide_bump_reader_alloc(reader, 100, 0);
	memset(stale, 1, 100);
	tide_bump_release(reader);
	assert_int_equal(tide_bump_reset(bump, NULL), 0);
	assert_int_equal(stale[99], TIDE_BUMP_FILL);
}
#endif

static void
the_counters_add_up(void **state)
{
	struct tide_bump_stats stats;
	struct tide_bump_reader *reader;
	char text[512] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	make(2);
	reader = reader_of("a");
	reader_of("b");
	tide_bump_hold(reader);
	assert_non_null(tide_bump_reader_alloc(reader, 100, 0));
	assert_int_equal(tide_bump_flip(bump, NULL), 0);
	assert_non_null(tide_bump_reader_alloc(reader, 50, 0));
	assert_null(tide_bump_reader_alloc(reader, LEN / 2, 0));
	assert_null(tide_bump_reader_alloc(reader, LEN, 0));
	tide_bump_stats(bump, &stats);
	assert_int_equal(stats.capacity, LEN / 2);
	assert_int_equal(stats.remaining, LEN / 2 - 56);
	assert_int_equal(stats.bytes, 104 + 56);
	assert_int_equal(stats.failures, 1);
	assert_int_equal(stats.flips, 1);
	assert_int_equal(stats.resets, 0);
	assert_int_equal(stats.readers, 2);
	assert_int_equal(stats.active, 1);
	tide_bump_release(reader);
	assert_int_equal(tide_bump_reset(bump, NULL), 0);
	tide_bump_dump(bump, out);
	fclose(out);
	assert_string_equal(text,
		"test: 32768 of 32768 bytes remaining in the open half; 160 bytes handed out, "
		"1 failures, 1 flips, 1 resets; 0 of 2 readers hold\n");
}

static void
a_late_reader_is_told_in_words(void **state)
{
	struct tide_bump_stalled stalled = {.name = "a", .reader = 3, .stalled_us = 1000002};
	char text[128] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	tide_bump_stalled_dump(&stalled, out);
	fputc('|', out);
	stalled.stalled_us = 0;
	tide_bump_stalled_dump(&stalled, out);
	fclose(out);
	assert_string_equal(text,
		"reader \"a\" (place 3) has not held again since the flip 1.000002 s ago|"
		"reader \"a\" (place 3) holds the current epoch");
}

static void
the_check_sees_what_is_wrong(void **state)
{
	uint64_t word;

	make(2);
	word = bump->word;
	bump->word = word | (LEN / 2 / 8 + 1);
	assert_int_equal(tide_bump_check(bump, reason), -EINVAL);
	assert_string_equal(reason, "test: the offset is beyond the part");
	assert_int_equal(tide_bump_check(bump, NULL), -EINVAL);
	bump->word = word;
	bump->reader[5].pin = TIDEI_BUMP_HOLDS;
	assert_int_equal(tide_bump_check(bump, reason), -EINVAL);
	assert_string_equal(reason, "test: a reader holds that is not registered");
	bump->reader[5].pin = 0;
}

#ifdef __SANITIZE_ADDRESS__
static int
read_around_the_reset(bool stalled)
{
	volatile char *at;

	make(1);
	at = tide_bump_alloc(bump, 100, 0);
	at[0] = 1;
	if (stalled)
		tide_bump_reset(bump, NULL);
	return at[0] != 1;
}

static int
exit_of(const char *argument)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		freopen("/dev/null", "w", stderr);
		execl("/proc/self/exe", "test_bump", argument, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
the_address_sanitizer_catches_a_read_after_the_reset(void **state)
{
	assert_int_equal(exit_of("read-early"), 0);
	assert_int_not_equal(exit_of("read-late"), 0);
}
#endif

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#define CASE(claim) cmocka_unit_test_teardown(claim, clean_up)
		CASE(nothing_of_dpdk_is_needed),
		CASE(a_part_less_one_kilobyte_remains),
		CASE(one_allocation_can_take_all_remaining_bytes),
		CASE(a_bad_request_is_refused_and_takes_nothing),
		CASE(the_largest_size_of_each_alignment_fits_into_an_empty_part),
		CASE(a_size_that_one_half_cannot_hold_is_too_large),
		CASE(the_memory_of_a_pool_that_is_freed_is_the_callers_again),
		CASE(random_requests_agree_with_a_naive_model),
		CASE(the_least_alignment_holds_for_every_allocation),
		CASE(a_bad_conf_is_refused_with_a_sentence),
		CASE(the_smallest_memory_will_do),
		CASE(without_heap_memory_a_pool_is_refused_with_a_sentence),
		CASE(a_pool_with_readers_is_not_freed),
		CASE(the_table_of_readers_has_an_end),
		CASE(flips_alternate_between_the_halves),
		CASE(a_flip_waits_for_the_reader_that_holds_the_epoch_before),
		CASE(with_two_epochs_only_a_reader_that_holds_can_allocate),
		CASE(a_pool_of_one_epoch_does_not_flip),
		CASE(a_refused_reset_names_the_reader_and_changes_nothing),
		CASE(one_thread_at_a_time_flips_or_resets),
		CASE(no_thread_allocates_during_a_reset),
		CASE(the_last_tag_is_followed_by_the_first),
#ifdef __SANITIZE_ADDRESS__
		CASE(the_address_sanitizer_catches_a_read_after_the_reset),
#else
		CASE(a_reclaimed_part_is_filled),
#endif
		CASE(the_counters_add_up),
		CASE(a_late_reader_is_told_in_words),
		CASE(the_check_sees_what_is_wrong),
	};

#ifdef __SANITIZE_ADDRESS__
	if (argc == 2)
		return read_around_the_reset(strcmp(argv[1], "read-late") == 0);
#endif
	return cmocka_run_group_tests(tests, NULL, NULL);
}
