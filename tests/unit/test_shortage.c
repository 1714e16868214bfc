/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* A mempool that runs dry is named once, by its policy, and the report tells where its buffers are. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mempool.h>
#include <rte_ring.h>

#include "child.h"
#include "eal.h"
#include "eal_friend.h"
#include "log.h"
#include "range.h"
#include "shortage_friend.h"
#include "shortage_internal.h"
#include "tide_locate.h"
#include "tide_shortage.h"

#define SIZE 64

static int64_t now;
static void *held[SIZE];
static char file[64];

static struct rte_mempool *
create(const char *name, const char *ops, unsigned int cache)
{
	struct rte_mempool *mp =
		rte_mempool_create_empty(name, SIZE, 128, cache, 0, SOCKET_ID_ANY, 0);

	assert_non_null(mp);
	assert_int_equal(rte_mempool_set_ops_byname(mp, ops, NULL), 0);
	assert_int_equal(rte_mempool_populate_default(mp), SIZE);
	return mp;
}

/* Take all objects, and then one more. */
static void
run_dry(struct rte_mempool *mp)
{
	void *more;

	assert_int_equal(rte_mempool_get_bulk(mp, held, SIZE), 0);
	assert_true(rte_mempool_get(mp, &more) < 0);
}

static void
drop(struct rte_mempool *mp)
{
	rte_mempool_put_bulk(mp, held, SIZE);
	assert_int_equal(rte_mempool_avail_count(mp), SIZE);
	rte_mempool_free(mp);
}

static void
set_environment(const char *policy, const char *path)
{
	setenv(TIDE_SHORTAGE_ENV, policy, 1);
	if (policy[0] == '\0')
		unsetenv(TIDE_SHORTAGE_ENV);
	setenv(TIDE_SHORTAGE_FILE_ENV, path, 1);
	tidei_shortage_init();
}

/* Return the lines of the log that so many milliseconds later one look makes. */
static const char *
look_after(unsigned int ms)
{
	test_log_catch();
	now += ms;
	tidei_shortage_look(now);
	while (tidei_shortage_is_busy())
		usleep(10000);
	return test_log_caught();
}

static unsigned int
count(const char *text, const char *part)
{
	unsigned int n = 0;

	for (; (text = strstr(text, part)) != NULL; text += strlen(part))
		n++;
	return n;
}

static void
a_failed_get_is_logged_with_counts_and_owners(void **state)
{
	struct rte_mempool *mp = create("dry", "tide", 0);

	set_environment("", "");
	assert_string_equal(look_after(500), "");
	run_dry(mp);
	assert_non_null(strstr(look_after(500),
		"mempool dry ran dry: 1 gets failed; now 0 of 64 buffers are free; "
		"lcore 0 has 64, the oldest for 0.0 to 0."));
	drop(mp);
}

static void *
take_one(void *mp)
{
	void *object = NULL;

	return rte_mempool_get(mp, &object) == 0 ? object : NULL;
}

/* Four threads have an object each, and this one the others. */
static void
the_line_has_three_owners_and_the_caches(void **state)
{
	struct rte_mempool *mp = create("cached", "tide", 8);
	pthread_t thread;
	const char *log;
	void *more;

	set_environment("", "");
	assert_string_equal(look_after(500), "");
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(pthread_create(&thread, NULL, take_one, mp), 0);
		assert_int_equal(pthread_join(thread, &held[i]), 0);
		assert_non_null(held[i]);
	}
	assert_int_equal(rte_mempool_get_bulk(mp, &held[4], SIZE - 4), 0);
	assert_true(rte_mempool_get(mp, &more) < 0);
	log = look_after(500);
	assert_non_null(strstr(log, " gets or refills of caches failed; now 0 of 64 buffers are "
				    "free, 0 of them in caches of lcores; lcore 0 has 60, "));
	assert_int_equal(count(log, " has "), 3);
	drop(mp);
}

static void
eal_ends(void)
{
	test_eal_start(false, 32, "0");
	EXPECT(tide_shortage_report("any", stdout) == -ENOENT);
	rte_eal_cleanup();
	EXPECT(tide_shortage_report("any", stdout) == -ECANCELED);
	EXPECT(rmdir(rte_eal_get_runtime_dir()) == 0);
	_exit(0);
}

static void
a_report_after_the_end_of_eal_is_refused(void **state)
{
	test_in_child(eal_ends);
}

/* A shortage of which nothing is left when the thread looks. */
static void
a_short_shortage_is_noticed_too(void **state)
{
	struct rte_mempool *mp = create("brief", "tide", 0);

	set_environment("log", "");
	assert_string_equal(look_after(500), "");
	run_dry(mp);
	rte_mempool_put_bulk(mp, held, SIZE);
	assert_non_null(strstr(look_after(500), "1 gets failed; now 64 of 64 buffers are free"));
	rte_mempool_free(mp);
}

static void
a_mempool_that_stays_dry_is_named_less_and_less_often(void **state)
{
	struct rte_mempool *mp = create("stays", "tide", 0);
	unsigned int named = 0, at[8];
	void *more;

	set_environment("log", "");
	run_dry(mp);
	for (unsigned int s = 0; s < 16 * 60; s++) {
		assert_true(rte_mempool_get(mp, &more) < 0);
		if (look_after(1000)[0] == '\0')
			continue;
		assert_true(named < 5);
		at[named++] = s;
	}
	assert_int_equal(named, 5);
	for (unsigned int i = 1; i < named; i++)
		assert_int_equal(at[i] - at[i - 1], 60u << (i - 1));
	/* Failures of the pause alone, long ago, are no new shortage. */
	assert_string_equal(look_after(3600 * 1000), "");
	/* After that the pauses are short again. */
	assert_true(rte_mempool_get(mp, &more) < 0);
	assert_non_null(strstr(look_after(1000), "ran dry"));
	assert_true(rte_mempool_get(mp, &more) < 0);
	assert_string_equal(look_after(59 * 1000), "");
	assert_true(rte_mempool_get(mp, &more) < 0);
	assert_non_null(strstr(look_after(2 * 1000), ": 2 gets failed"));
	drop(mp);
}

/* Most looks find no new failure, also those at the end of a pause. */
static void
a_program_that_retries_seldom_has_the_same_pauses(void **state)
{
	struct rte_mempool *mp = create("seldom", "tide", 0);
	unsigned int named = 0;
	void *more;

	set_environment("log", "");
	run_dry(mp);
	for (unsigned int s = 0; s < 16 * 60; s++) {
		if (s % 7 == 0)
			assert_true(rte_mempool_get(mp, &more) < 0);
		named += look_after(1000)[0] != '\0';
	}
	assert_int_equal(named, 5);
	drop(mp);
}

static void
a_mempool_made_again_between_two_looks_counts_from_zero(void **state)
{
	struct rte_mempool *mp = create("twin", "tide", 0), *before = mp, *other;
	void *more;

	set_environment("log", "");
	run_dry(mp);
	for (unsigned int i = 0; i < 9; i++)
		assert_true(rte_mempool_get(mp, &more) < 0);
	assert_non_null(strstr(look_after(500), "mempool twin ran dry: 10 gets failed"));
	drop(mp);
	mp = create("twin", "tide", 0);
	assert_ptr_equal(mp, before);
	run_dry(mp);
	assert_non_null(strstr(look_after(61000), "mempool twin ran dry: 1 gets failed"));
	drop(mp);
	/* Elsewhere. */
	other = create("other", "tide", 0);
	mp = create("twin", "tide", 0);
	assert_ptr_not_equal(mp, before);
	run_dry(mp);
	assert_true(rte_mempool_get(mp, &more) < 0);
	assert_non_null(strstr(look_after(500), "mempool twin ran dry: 2 gets failed"));
	drop(mp);
	rte_mempool_free(other);
}

/* The report about a mempool of other ops. */
static void
expect_no_owners(const char *name)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(tide_shortage_report(name, out), 0);
	fclose(out);
	assert_non_null(strstr(text, "mempool ops ring_mp_mc; 0 of 64 buffers are free\n"
				     "owners: mempool ops other than tide keep none\n"));
	free(text);
}

/* It has half of its memory, and no object is free. */
static void
half_made_is_not_named(void)
{
	struct rte_mempool *mp = rte_mempool_create_empty("half", SIZE, 64, 0, 0, SOCKET_ID_ANY, 0);
	const struct rte_memzone *memory =
		rte_memzone_reserve("half", 4096, SOCKET_ID_ANY, RTE_MEMZONE_IOVA_CONTIG);
	int n;

	assert_non_null(mp);
	assert_non_null(memory);
	assert_int_equal(rte_mempool_set_ops_byname(mp, "ring_mp_mc", NULL), 0);
	assert_string_equal(look_after(500), "");
	assert_int_equal(tide_shortage_report("half", stdout), -ENOENT);
	n = rte_mempool_populate_iova(mp, memory->addr, memory->iova, memory->len, NULL, NULL);
	assert_uint_in_range(n, 1, SIZE - 1);
	assert_int_equal(rte_mempool_get_bulk(mp, held, (unsigned int)n), 0);
	assert_string_equal(look_after(500), "");
	rte_mempool_free(mp);
	assert_int_equal(rte_memzone_free(memory), 0);
}

static void
the_policy_of_a_mempool_has_precedence(void **state)
{
	struct rte_mempool *mp = create("chosen", "tide", 0), *other;
	char name[RTE_MEMPOOL_NAMESIZE + 1];

	set_environment("log", "");
	assert_int_equal(tide_shortage_set_policy("chosen", TIDE_SHORTAGE_OFF), 0);
	run_dry(mp);
	assert_string_equal(look_after(500), "");
	/* It is not named later either. */
	assert_int_equal(tide_shortage_set_policy("chosen", TIDE_SHORTAGE_LOG), 0);
	assert_string_equal(look_after(500), "");
	drop(mp);

	/* Those of other ops are watched if they are chosen. */
	set_environment("", "");
	other = create("other", "ring_mp_mc", 0);
	run_dry(other);
	assert_string_equal(look_after(500), "");
	set_environment("log", "");
	assert_non_null(strstr(look_after(500), "mempool other ran dry"));
	set_environment("", "");
	assert_string_equal(look_after(61000), "");
	assert_int_equal(tide_shortage_set_policy("other", TIDE_SHORTAGE_LOG), 0);
	assert_non_null(
		strstr(look_after(500), "mempool other ran dry: 0 of 64 buffers are free; "));
	expect_no_owners("other");
	set_environment("off", "");
	rte_mempool_put(other, held[0]);
	assert_string_equal(look_after(61000), "");
	assert_int_equal(rte_mempool_get(other, &held[0]), 0);
	assert_non_null(strstr(look_after(61000), "mempool other ran dry"));
	assert_int_equal(tide_shortage_set_policy("other", TIDE_SHORTAGE_OFF), 0);
	assert_string_equal(look_after(130000), "");
	set_environment("log", "");
	drop(other);
	half_made_is_not_named();

	assert_int_equal(tide_shortage_set_policy("x", (enum tide_shortage_policy)3), -EINVAL);
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(tide_shortage_set_policy(name, TIDE_SHORTAGE_LOG), -ENAMETOOLONG);
	for (unsigned int i = 0; i < 100; i++) {
		int ret;

		snprintf(name, sizeof(name), "%u", i);
		ret = tide_shortage_set_policy(name, TIDE_SHORTAGE_OFF);
		assert_int_equal(ret, i < 62 ? 0 : -ENOSPC);
	}
}

static void
an_unknown_policy_is_logged_with_the_remedy(void **state)
{
	test_log_catch();
	set_environment("loud", "");
	assert_non_null(strstr(test_log_caught(), "TIDE_SHORTAGE=loud is unknown; using log: set "
						  "TIDE_SHORTAGE to off, log or report"));
	assert_false(tidei_shortage_is_off());
}

/* The file is the one of the environment and of the directory at the start. */
static void
the_path_of_the_file_is_that_of_the_start(void **state)
{
	static char variable[] = TIDE_SHORTAGE_FILE_ENV "=reports";
	char expected[PATH_MAX + 16], *cwd = getcwd(NULL, 0);

	assert_non_null(cwd);
	snprintf(expected, sizeof(expected), "%s/reports", cwd);
	set_environment("log", "");
	assert_null(tidei_shortage_file());
	assert_int_equal(putenv(variable), 0);
	tidei_shortage_init();
	/* As setproctitle(3) does. */
	memset(variable, 'x', sizeof(variable) - 1);
	assert_int_equal(chdir("/"), 0);
	assert_string_equal(tidei_shortage_file(), expected);
	assert_int_equal(chdir(cwd), 0);
	free(cwd);
	set_environment("log", "/absolute");
	assert_string_equal(tidei_shortage_file(), "/absolute");
}

static void
a_path_that_is_too_long_is_logged_with_the_remedy(void **state)
{
	static char path[5001];

	memset(path, 'p', sizeof(path) - 1);
	for (unsigned int absolute = 0; absolute < 2; absolute++) {
		path[0] = absolute ? '/' : 'p';
		test_log_catch();
		set_environment("log", path);
		assert_non_null(strstr(test_log_caught(),
			"... is too long; reports go to the log: give a path of less than"));
		assert_null(tidei_shortage_file());
	}
	path[0] = '/';
	path[PATH_MAX] = '\0';
	set_environment("log", path);
	assert_null(tidei_shortage_file());
	path[PATH_MAX - 1] = '\0';
	set_environment("log", path);
	assert_string_equal(tidei_shortage_file(), path);
}

static void
every_one_of_two_hundred_mempools_is_named(void **state)
{
	static struct rte_mempool *pools[200];
	unsigned int named = 0;
	char name[16];
	void *one, *more;

	set_environment("log", "");
	for (unsigned int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		pools[i] = rte_mempool_create_empty(name, 1, 64, 0, 0, SOCKET_ID_ANY, 0);
		assert_non_null(pools[i]);
		assert_int_equal(rte_mempool_set_ops_byname(pools[i], "tide", NULL), 0);
		assert_int_equal(rte_mempool_populate_default(pools[i]), 1);
		assert_int_equal(rte_mempool_get(pools[i], &one), 0);
		assert_true(rte_mempool_get(pools[i], &more) < 0);
		rte_mempool_put(pools[i], one);
	}
	/* Each was dry once, for a moment, before the first look. */
	for (unsigned int i = 0; i < 60; i++) {
		unsigned int n = count(look_after(500), "ran dry: 1 gets failed");

		assert_true(n <= 4);
		named += n;
	}
	assert_int_equal(named, 200);
	for (unsigned int i = 0; i < 200; i++)
		rte_mempool_free(pools[i]);
	assert_string_equal(look_after(500), "");
}

/* Three parts: a ring has 10 objects, a cache 20, this program the others. */
static void
the_report_tells_where_the_buffers_are(void **state)
{
	struct rte_mempool *mp = create("where", "tide", 32), *other = create("beside", "tide", 0);
	struct rte_ring *ring = rte_ring_create("to_worker", 16, SOCKET_ID_ANY, 0);
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	assert_non_null(ring);
	assert_int_equal(rte_mempool_get_bulk(mp, held, SIZE), 0);
	assert_int_equal(rte_ring_enqueue_bulk(ring, held, 10, NULL), 10);
	rte_mempool_put_bulk(mp, &held[10], 20);
	memset(held, 0, 30 * sizeof(held[0]));
	out = open_memstream(&text, &len);
	assert_int_equal(tide_shortage_report("where", out), 0);
	assert_int_equal(tide_shortage_report("absent", out), -ENOENT);
	fclose(out);
	assert_int_equal(strncmp(text, "--- mempool where of test_shortage, process ", 44), 0);
	assert_non_null(strstr(text,
		"mempool ops tide; 20 of 64 buffers are free, 20 of them in caches of lcores"));
	assert_non_null(strstr(text, " gets or refills of caches failed in all\n"));
	assert_non_null(strstr(text, "caches: lcore 0 has 20\n"));
	assert_non_null(strstr(text, "owners:\n  lcore 0 has 44, the oldest for "));
	assert_non_null(strstr(text, "      34  variable held of the program\n"));
	assert_non_null(strstr(text, "      10  ring to_worker\n"));
	assert_non_null(strstr(text, "---\n"));
	assert_null(strstr(text, "it ran dry"));
	assert_non_null(strstr(text, "\n64 buffers of 1 mempools: "));
	rte_mempool_free(other);
	free(text);
	assert_int_equal(rte_ring_dequeue_bulk(ring, held, 10, NULL), 10);
	rte_mempool_get_bulk(mp, &held[10], 20);
	rte_ring_free(ring);
	drop(mp);
}

static bool no_scan, no_owners;
int __real_tide_mempool_owners(
	const struct rte_mempool *mp, struct tide_mempool_owner *owners, unsigned int max);
int __wrap_tide_mempool_owners(
	const struct rte_mempool *mp, struct tide_mempool_owner *owners, unsigned int max);

int
__wrap_tide_mempool_owners(
	const struct rte_mempool *mp, struct tide_mempool_owner *owners, unsigned int max)
{
	return no_owners ? -ENOMEM : __real_tide_mempool_owners(mp, owners, max);
}

struct tide_locate *__real_tide_locate_create(const struct tide_locate_conf *conf);
struct tide_locate *__wrap_tide_locate_create(const struct tide_locate_conf *conf);

struct tide_locate *
__wrap_tide_locate_create(const struct tide_locate_conf *conf)
{
	if (!no_scan)
		return __real_tide_locate_create(conf);
	rte_errno = ENOMEM;
	return NULL;
}

/* Most of the time of a scan is its pauses, and reports wait for a scan. */
int __real_nanosleep(const struct timespec *duration, struct timespec *left);
int __wrap_nanosleep(const struct timespec *duration, struct timespec *left);

int
__wrap_nanosleep(const struct timespec *duration, struct timespec *left)
{
	const struct timespec shorter = {duration->tv_sec / 8, duration->tv_nsec / 8};

	return __real_nanosleep(&shorter, left);
}

static void
a_report_without_a_scan_or_owners_says_why(void **state)
{
	struct rte_mempool *mp = create("unscanned", "tide", 0);
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	no_scan = no_owners = true;
	assert_int_equal(tide_shortage_report("unscanned", out), 0);
	no_scan = no_owners = false;
	fclose(out);
	assert_non_null(strstr(text, "owners: unknown: Cannot allocate memory\n"));
	assert_non_null(strstr(text, "mempool ops tide; 64 of 64 buffers are free; 0 gets failed"));
	assert_non_null(strstr(
		text, "no scan for the places of its buffers: Cannot allocate memory\n---\n"));
	free(text);
	rte_mempool_free(mp);
}

static void *
scan_all(void *arg)
{
	tide_locate_free(tide_locate_create(NULL));
	return NULL;
}

/* Another one, for a client of the telemetry socket, takes half a second. */
static void
a_report_waits_for_another_scan(void **state)
{
	struct rte_mempool *mp = create("waiting", "tide", 0);
	pthread_t thread;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(pthread_create(&thread, NULL, scan_all, NULL), 0);
	usleep(20000);
	assert_int_equal(tide_shortage_report("waiting", out), 0);
	fclose(out);
	assert_null(strstr(text, "no scan"));
	assert_non_null(strstr(text, "\n3 scans; "));
	free(text);
	pthread_join(thread, NULL);
	rte_mempool_free(mp);
}

/* Read the file into a buffer; "" if there is none. */
static const char *
content(void)
{
	static char text[65536];
	FILE *in = fopen(file, "r");
	size_t len = in != NULL ? fread(text, 1, sizeof(text) - 1, in) : 0;

	text[len] = '\0';
	if (in != NULL)
		fclose(in);
	return text;
}

static void
reports_are_appended_to_a_file_for_the_owner_alone(void **state)
{
	struct rte_mempool *mp = create("filed", "tide", 0);
	const char *log;
	struct stat st;
	void *more;

	set_environment("report", file);
	umask(0);
	run_dry(mp);
	log = look_after(500);
	assert_non_null(strstr(log, "mempool filed ran dry: the report is in /tmp/tide_shortage_"));
	assert_null(strstr(log, "owners"));
	assert_non_null(strstr(content(), "it ran dry: 1 gets failed since the last report\n"));
	assert_non_null(strstr(content(), "; 0 of 64 buffers are free; 1 gets failed in all\n"));
	assert_non_null(strstr(content(), "variable held of the program\n"));
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(rte_mempool_get(mp, &more) < 0);
	look_after(61000);
	assert_int_equal(count(content(), "--- mempool filed of "), 2);
	unlink(file);
	drop(mp);
}

static int
next_descriptor(void)
{
	int fd = open("/dev/null", O_RDONLY);

	close(fd);
	return fd;
}

/* Make a report while the file is what it is. The report must be in the log. */
static void
expect_refusal(struct rte_mempool *mp, const char *why)
{
	const char *log, *end = "TIDE_shortage: ---\n";
	int next = next_descriptor();
	void *more;

	assert_true(rte_mempool_get(mp, &more) < 0);
	log = look_after(2 * 3600 * 1000);
	assert_int_equal(next_descriptor(), next);
	assert_string_equal(log + strlen(log) - strlen(end), end);
	assert_non_null(strstr(log, "does not take the report, which follows: "));
	assert_non_null(strstr(log, why));
	assert_non_null(strstr(log, "TIDE_shortage: owners:\n"));
}

static void
a_file_that_others_could_have_prepared_is_refused(void **state)
{
	struct rte_mempool *mp = create("refused", "tide", 0);
	char second[80];
	int fd;

	set_environment("report", file);
	run_dry(mp);
	snprintf(second, sizeof(second), "%s.2", file);

	fd = open(second, O_CREAT | O_WRONLY, 0600);
	close(fd);
	assert_int_equal(symlink(second, file), 0);
	expect_refusal(mp, "it is a symbolic link");
	unlink(file);
	assert_int_equal(link(second, file), 0);
	expect_refusal(mp, "it has several names");
	unlink(file);
	assert_int_equal(chmod(second, 0640), 0);
	assert_int_equal(rename(second, file), 0);
	expect_refusal(mp, "others than its owner may use it");
	assert_int_equal(chmod(file, 0604), 0);
	expect_refusal(mp, "others than its owner may use it");
	if (geteuid() == 0) {
		assert_int_equal(chmod(file, 0600), 0);
		assert_int_equal(chown(file, 65534, 65534), 0);
		expect_refusal(mp, "another user owns it");
	}
	assert_string_equal(content(), "");
	unlink(file);
	assert_int_equal(mkfifo(file, 0600), 0);
	expect_refusal(mp, "No such device or address");
	fd = open(file, O_RDONLY | O_NONBLOCK);
	expect_refusal(mp, "it is no regular file");
	close(fd);
	unlink(file);
	set_environment("report", "/tmp/absent/file");
	expect_refusal(mp, "No such file or directory");
	set_environment("report", "/dev/full");
	expect_refusal(mp, "it is no regular file");
	set_environment("report", "/tmp");
	expect_refusal(mp, "Is a directory");
	drop(mp);
}

/* A file system that takes nothing, or a part: a limit of this process does the same. */
static void
a_full_file_leaves_the_report_in_the_log(void **state)
{
	struct rte_mempool *mp = create("full", "tide", 0);
	struct rlimit before, limit;

	set_environment("report", file);
	run_dry(mp);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	expect_refusal(mp, "File too large");
	limit.rlim_cur = 100;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	expect_refusal(mp, "it is full, or has reached a limit");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(strlen(content()), 100);
	unlink(file);
	drop(mp);
}

/* What the threads for reports do, and memory streams. */
static enum {
	THREADS_WORK,
	THREADS_STUCK,
	THREADS_NONE
} threads;
static _Atomic bool stuck;
static bool no_memory;

int __real_tidei_control_thread_start(
	pthread_t *thread, const char *name, tidei_control_result (*work)(void *arg), void *arg);
int __wrap_tidei_control_thread_start(
	pthread_t *thread, const char *name, tidei_control_result (*work)(void *arg), void *arg);
FILE *__real_open_memstream(char **text, size_t *size);
FILE *__wrap_open_memstream(char **text, size_t *size);

static tidei_control_result (*work_of_thread)(void *arg);

static tidei_control_result
work_later(void *arg)
{
	while (stuck)
		usleep(1000);
	return work_of_thread(arg);
}

int
__wrap_tidei_control_thread_start(
	pthread_t *thread, const char *name, tidei_control_result (*work)(void *arg), void *arg)
{
	if (threads == THREADS_NONE)
		return -EAGAIN;
	if (threads == THREADS_WORK)
		return __real_tidei_control_thread_start(thread, name, work, arg);
	work_of_thread = work;
	stuck = true;
	return __real_tidei_control_thread_start(thread, name, work_later, arg);
}

FILE *
__wrap_open_memstream(char **text, size_t *size)
{
	if (!no_memory)
		return __real_open_memstream(text, size);
	errno = ENOMEM;
	return NULL;
}

/* Look, and do not wait for a report. */
static const char *
glance_after(unsigned int ms)
{
	test_log_catch();
	now += ms;
	tidei_shortage_look(now);
	return test_log_caught();
}

static void
let_report_end(void)
{
	stuck = false;
	while (tidei_shortage_is_busy())
		usleep(1000);
}

static bool is_secondary;
enum rte_proc_type_t __real_rte_eal_process_type(void);
enum rte_proc_type_t __wrap_rte_eal_process_type(void);

enum rte_proc_type_t
__wrap_rte_eal_process_type(void)
{
	return is_secondary ? RTE_PROC_SECONDARY : __real_rte_eal_process_type();
}

static void
a_secondary_process_leaves_the_watch_to_the_primary(void **state)
{
	struct rte_mempool *mp = create("shared", "tide", 0);

	set_environment("log", "");
	run_dry(mp);
	is_secondary = true;
	assert_string_equal(look_after(500), "");
	is_secondary = false;
	assert_non_null(strstr(look_after(500), "mempool shared ran dry"));
	drop(mp);
}

static void
a_report_without_a_thread_becomes_a_line(void **state)
{
	struct rte_mempool *mp = create("unthreaded", "tide", 0);
	void *more;

	set_environment("report", file);
	run_dry(mp);
	threads = THREADS_NONE;
	assert_non_null(strstr(look_after(500),
		"mempool unthreaded ran dry: 1 gets failed; now 0 of 64 buffers are free; "));
	assert_true(rte_mempool_get(mp, &more) < 0);
	assert_non_null(strstr(look_after(61000), "; no report: there is no thread for it\n"));
	threads = THREADS_WORK;
	drop(mp);
}

static void
two_that_are_dry_at_once_get_a_report_each(void **state)
{
	struct rte_mempool *pools[2] = {create("left", "tide", 0), create("right", "tide", 0)};
	unsigned int reports = 0;
	void *one[2][SIZE];

	set_environment("report", "");
	for (unsigned int i = 0; i < 2; i++) {
		run_dry(pools[i]);
		memcpy(one[i], held, sizeof(held));
	}
	for (unsigned int i = 0; i < 3; i++) {
		const char *log = look_after(500);

		assert_true(count(log, "--- mempool ") <= 1);
		assert_null(strstr(log, "no report"));
		reports += count(log, "--- mempool ");
	}
	assert_int_equal(reports, 2);
	for (unsigned int i = 0; i < 2; i++) {
		memcpy(held, one[i], sizeof(held));
		drop(pools[i]);
	}
}

/* Both get a report: the second one was dry for a moment, while the first report was made. */
static void
a_shortage_during_a_report_is_reported_afterwards(void **state)
{
	struct rte_mempool *first = create("first", "tide", 0), *second;

	set_environment("report", "");
	run_dry(first);
	threads = THREADS_STUCK;
	glance_after(500);
	drop(first);
	second = create("second", "tide", 0);
	run_dry(second);
	for (unsigned int i = 0; i < 10; i++)
		assert_string_equal(glance_after(500), "");
	test_log_catch();
	let_report_end();
	assert_non_null(strstr(
		test_log_caught(), "mempool first ran dry, and was freed before its report"));
	threads = THREADS_WORK;
	assert_non_null(strstr(look_after(500), "TIDE_shortage: --- mempool second of "));
	assert_string_equal(look_after(500), "");
	drop(second);
}

/* A file can be on a server that does not respond. */
static void
a_report_that_never_ends_leaves_lines_for_other_mempools(void **state)
{
	struct rte_mempool *first = create("eternal", "tide", 0), *second;
	const char *log;

	set_environment("report", "");
	run_dry(first);
	threads = THREADS_STUCK;
	glance_after(500);
	drop(first);
	second = create("behind", "tide", 0);
	run_dry(second);
	assert_string_equal(glance_after(59 * 1000), "");
	log = glance_after(2 * 1000);
	assert_non_null(strstr(log, "mempool behind ran dry: 1 gets failed"));
	assert_non_null(strstr(log, "; no report: the last one is still being written\n"));
	threads = THREADS_WORK;
	let_report_end();
	drop(second);
}

static const char *
look_without_memory_after(unsigned int ms)
{
	test_log_catch();
	no_memory = true;
	now += ms;
	tidei_shortage_look(now);
	let_report_end();
	no_memory = false;
	return test_log_caught();
}

static void
no_memory_for_a_text_is_said_with_the_mempool(void **state)
{
	struct rte_mempool *mp = create("bare", "tide", 0);
	void *more;

	set_environment("log", "");
	run_dry(mp);
	assert_non_null(strstr(look_without_memory_after(500),
		"mempool bare ran dry, and there is no memory to say more"));
	set_environment("report", "");
	assert_true(rte_mempool_get(mp, &more) < 0);
	assert_non_null(strstr(look_without_memory_after(61000),
		"mempool bare ran dry, and there is no memory for a report"));
	drop(mp);
}

/* The next one has the same name, perhaps the same address, and counts from 0. */
static void
a_mempool_that_is_freed_is_forgotten(void **state)
{
	set_environment("log", "");
	for (unsigned int i = 0; i < 20; i++) {
		struct rte_mempool *mp = create("again", "tide", 0);

		run_dry(mp);
		if (i % 2 == 0)
			assert_non_null(strstr(look_after(500), "mempool again ran dry: 1 gets"));
		drop(mp);
		assert_null(strstr(look_after(500), "ran dry"));
	}
}

int
main(void)
{
	const struct CMUnitTest before_eal[] = {
		cmocka_unit_test(a_report_after_the_end_of_eal_is_refused),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failed_get_is_logged_with_counts_and_owners),
		cmocka_unit_test(the_line_has_three_owners_and_the_caches),
		cmocka_unit_test(a_short_shortage_is_noticed_too),
		cmocka_unit_test(a_mempool_that_stays_dry_is_named_less_and_less_often),
		cmocka_unit_test(a_program_that_retries_seldom_has_the_same_pauses),
		cmocka_unit_test(a_mempool_made_again_between_two_looks_counts_from_zero),
		cmocka_unit_test(two_that_are_dry_at_once_get_a_report_each),
		cmocka_unit_test(a_shortage_during_a_report_is_reported_afterwards),
		cmocka_unit_test(a_report_that_never_ends_leaves_lines_for_other_mempools),
		cmocka_unit_test(a_report_without_a_thread_becomes_a_line),
		cmocka_unit_test(no_memory_for_a_text_is_said_with_the_mempool),
		cmocka_unit_test(a_full_file_leaves_the_report_in_the_log),
		cmocka_unit_test(the_path_of_the_file_is_that_of_the_start),
		cmocka_unit_test(a_path_that_is_too_long_is_logged_with_the_remedy),
		cmocka_unit_test(every_one_of_two_hundred_mempools_is_named),
		cmocka_unit_test(the_report_tells_where_the_buffers_are),
		cmocka_unit_test(a_report_without_a_scan_or_owners_says_why),
		cmocka_unit_test(a_report_waits_for_another_scan),
		cmocka_unit_test(a_secondary_process_leaves_the_watch_to_the_primary),
		cmocka_unit_test(reports_are_appended_to_a_file_for_the_owner_alone),
		cmocka_unit_test(a_file_that_others_could_have_prepared_is_refused),
		cmocka_unit_test(a_mempool_that_is_freed_is_forgotten),
		cmocka_unit_test(an_unknown_policy_is_logged_with_the_remedy),
		cmocka_unit_test(the_policy_of_a_mempool_has_precedence),
	};

	int failed;

	snprintf(file, sizeof(file), "/tmp/tide_shortage_%d", (int)getpid());
	failed = cmocka_run_group_tests_name("shortage, processes", before_eal, NULL, NULL);
	test_eal_start(false, 64, "0");
	return failed + cmocka_run_group_tests_name("shortage", tests, NULL, NULL);
}
