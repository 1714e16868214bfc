/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * A pool set seen from a secondary process: this program is the secondary, its child the primary.
 *
 * Both need memory they can share: a hugetlbfs is mounted in a mount namespace of the test's own.
 */

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "eal.h"
#include "tide_mempool.h"
#include "tide_pool.h"
#include "tide_pool_query.h"

#define BUFFERS 1000

/* Held by the primary while the secondary works. */
#define HELD 10

static char huge_dir[] = "/tmp/tide_secondary_XXXXXX";
static char prefix[32];

static void
start_eal(const char *type)
{
	char memory[] = "-m", megabytes[] = "64", lcores[] = "-l", zero[] = "0";
	char no_pci[] = "--no-pci", no_telemetry[] = "--no-telemetry", dir[] = "--huge-dir";
	char file_prefix[] = "--file-prefix", proc_type[] = "--proc-type", kind[16];
	char program[] = "test", log[] = "--log-level=lib.eal:warning";
	char *argv[] = {program, lcores, zero, no_pci, no_telemetry, log, dir, huge_dir,
		file_prefix, prefix, proc_type, kind, memory, megabytes, NULL};

	snprintf(kind, sizeof(kind), "%s", type);
	if (rte_eal_init(strcmp(type, "primary") == 0 ? 14 : 12, argv) < 0) {
		fprintf(stderr, "EAL did not start as %s\n", type);
		_exit(1);
	}
}

static void
say(int fd)
{
	if (write(fd, "x", 1) != 1)
		_exit(2);
}

static bool
hear(int fd)
{
	char c;

	return read(fd, &c, 1) == 1;
}

/* Make the set, hold some buffers while the secondary works, then check the counts. */
static int
primary(int in, int out)
{
	static const int nodes[] = {0};
	struct tide_pool_conf conf = {
		.name = "shared",
		.nodes = nodes,
		.nb_nodes = 1,
		.buffers = BUFFERS,
		.data_room = RTE_MBUF_DEFAULT_BUF_SIZE,
		.backing = TIDE_BACKING_EAL,
	};
	struct tide_pool_stats stats;
	struct rte_mbuf *held[HELD];
	struct tide_pool *pool;
	const char *wrong;

	start_eal("primary");
	pool = tide_pool_create(&conf);
	if (pool == NULL || tide_pool_get(pool, 0, held, HELD) < 0)
		return 3;
	/* A set whose making has begun. */
	if (rte_mempool_create_empty("half_node0", 64, 64, 0, 0, SOCKET_ID_ANY, 0) == NULL)
		return 10;
	say(out);
	if (!hear(in))
		return 4;
	/* The secondary freed all but one, which it still owns. */
	if (tide_pool_stats(pool, 0, &stats) < 0 || stats.in_use != HELD + 1)
		return 5;
	if (tide_pool_free(pool) != -EBUSY)
		return 6;
	rte_pktmbuf_free_bulk(held, HELD);
	say(out);
	if (!hear(in))
		return 7;
	if (tide_mempool_check(tide_pool_on(pool, 0), &wrong) < 0) {
		fprintf(stderr, "%s\n", wrong);
		return 8;
	}
	return tide_pool_free(pool) == 0 ? 0 : 9;
}

static int to_primary, from_primary;

static void
a_secondary_process_makes_no_set(void **state)
{
	static const int nodes[] = {0};
	struct tide_pool_conf conf = {
		.name = "another",
		.nodes = nodes,
		.nb_nodes = 1,
		.buffers = 64,
		.data_room = RTE_MBUF_DEFAULT_BUF_SIZE,
	};

	assert_null(tide_pool_create(&conf));
	assert_int_equal(rte_errno, E_RTE_SECONDARY);
}

static void
attach_refuses_names_that_lead_nowhere(void **state)
{
	static const struct {
		const char *name;
		int error;
	} cases[] = {{NULL, EINVAL}, {"", EINVAL}, {"fifteen_letters", EINVAL},
		{"forteen_letter", ENOENT}, {"share", ENOENT}, {"shared_node0", ENOENT},
		{"half", EAGAIN}};

	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		rte_errno = 0;
		assert_null(tide_pool_attach(cases[i].name));
		assert_int_equal(rte_errno, cases[i].error);
	}
}

static void
an_attached_set_answers_as_the_primarys_does(void **state)
{
	struct tide_pool *pool = tide_pool_attach("shared");
	struct rte_mempool *mp = rte_mempool_lookup("shared_node0");
	struct rte_mbuf *bufs[32];
	struct tide_mempool_owner owners[2];
	struct tide_placement now;
	struct tide_pool_stats stats;
	size_t len;
	void *addr;

	assert_non_null(pool);
	assert_int_equal(tide_pool_nb_nodes(pool), 1);
	assert_ptr_equal(tide_pool_on(pool, 0), mp);
	assert_ptr_equal(tide_pool_on(pool, 0), mp);
	assert_ptr_equal(tide_pool_for_lcore(pool, rte_get_main_lcore(), NULL), mp);
	assert_null(tide_pool_on(pool, 1));
	assert_int_equal(tide_pool_get(pool, 0, bufs, RTE_DIM(bufs)), 0);
	assert_int_equal(tide_pool_stats(pool, 0, &stats), 0);
	assert_int_equal(stats.size, BUFFERS);
	assert_int_equal(stats.in_use, HELD + RTE_DIM(bufs));
	/* The primary's lcore and this one have one id, and owners are told apart by that. */
	assert_int_equal(tide_pool_owners(pool, 0, owners, 2), 1);
	assert_int_equal(owners[0].buffers, HELD + RTE_DIM(bufs));
	assert_int_equal(tide_pool_memory(pool, 0, &addr, &len), 0);
	assert_true((char *)bufs[0] >= (char *)addr && (char *)bufs[0] < (char *)addr + len);
	assert_int_equal(tide_pool_measure(pool, 0, &now), 0);
	assert_int_equal(now.pages, tide_pool_placement(pool, 0)->pages);
	assert_int_equal(now.local, tide_pool_placement(pool, 0)->local);
	assert_int_equal(now.backing, TIDE_BACKING_EAL);
	/* Closed with buffers out: the mempool is the primary's and stays. */
	assert_int_equal(tide_pool_free(pool), 0);
	assert_ptr_equal(rte_mempool_lookup("shared_node0"), mp);
	rte_pktmbuf_free_bulk(bufs, RTE_DIM(bufs));
	assert_int_equal(rte_mempool_avail_count(mp), BUFFERS - HELD);
}

static void
a_secondary_process_takes_and_gives_buffers_of_the_set(void **state)
{
	struct rte_mempool *mp = rte_mempool_lookup("shared_node0");
	struct rte_mbuf *bufs[BUFFERS];
	unsigned int i;

	assert_non_null(mp);
	assert_int_equal(rte_mempool_avail_count(mp), BUFFERS - HELD);
	assert_int_not_equal(rte_pktmbuf_alloc_bulk(mp, bufs, BUFFERS), 0);
	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, bufs, BUFFERS - HELD), 0);
	for (i = 0; i < BUFFERS - HELD; i++) {
		assert_ptr_equal(bufs[i]->pool, mp);
		memset(bufs[i]->buf_addr, 0x33, bufs[i]->buf_len);
	}
	assert_int_equal(rte_mempool_avail_count(mp), 0);
	rte_pktmbuf_free_bulk(bufs + 1, BUFFERS - HELD - 1);
	say(to_primary);
	assert_true(hear(from_primary));
	assert_int_equal(rte_mempool_avail_count(mp), BUFFERS - 1);
	rte_pktmbuf_free(bufs[0]);
}

static bool
mount_pages(void)
{
	if (mkdtemp(huge_dir) == NULL)
		return false;
	if (unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
		mount("hugetlbfs", huge_dir, "hugetlbfs", 0, "pagesize=2M") == 0)
		return true;
	rmdir(huge_dir);
	return false;
}

static int
run(pid_t child)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secondary_process_makes_no_set),
		cmocka_unit_test(attach_refuses_names_that_lead_nowhere),
		cmocka_unit_test(an_attached_set_answers_as_the_primarys_does),
		cmocka_unit_test(a_secondary_process_takes_and_gives_buffers_of_the_set),
	};
	int failed = 1, status;

	if (hear(from_primary)) {
		start_eal("secondary");
		failed = cmocka_run_group_tests(tests, NULL, NULL);
		/* Says goodbye to the primary, so before that leaves. */
		rte_eal_cleanup();
		say(to_primary);
	}
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "the primary process failed: status %#x\n", status);
		failed++;
	}
	return failed;
}

int
main(void)
{
	int there[2], back[2], failed;
	char command[300];
	pid_t child;

	if (test_free_2m_pages() < 64 || !mount_pages()) {
		fprintf(stderr, "needs root and 64 free 2 MB pages to mount a hugetlbfs\n");
		return 77;
	}
	snprintf(prefix, sizeof(prefix), "tide_secondary_%d", (int)getpid());
	if (pipe(there) < 0 || pipe(back) < 0)
		return 1;
	child = fork();
	if (child == 0) {
		close(there[1]);
		close(back[0]);
		failed = primary(there[0], back[1]);
		rte_eal_cleanup();
		_exit(failed);
	}
	close(there[0]);
	close(back[1]);
	to_primary = there[1];
	from_primary = back[0];
	failed = child < 0 ? 1 : run(child);
	snprintf(command, sizeof(command), "rm -rf '%s'", rte_eal_get_runtime_dir());
	umount(huge_dir);
	rmdir(huge_dir);
	if (strstr(command, prefix) != NULL && system(command) != 0)
		failed++;
	return failed;
}
