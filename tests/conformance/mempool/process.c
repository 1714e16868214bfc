/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Claims about a second process that attaches to the pools of the first. */

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_memzone.h>

#include "audit.h"

#define POOL        1000
#define HALF        400
#define BURST       32
#define KILLS       6
#define ARGS        64
#define PATIENCE_MS 3000

/* Messages between the two processes. */
struct board {
	char pool[32];
	char reason[320];
	void *mine[HALF]; /* The first gets them, the second puts them. */
	void *yours[HALF]; /* The second gets them, the first puts them. */
	atomic_uint loops; /* Of the second, while it works. */
};

static struct board *
make_board(struct trial *t, const struct rte_mempool *mp)
{
	const struct rte_memzone *zone =
		rte_memzone_reserve("conform_board", sizeof(struct board), SOCKET_ID_ANY, 0);
	struct board *board;

	if (zone == NULL) {
		fails(t, "no memory zone: %s", rte_strerror(rte_errno));
		return NULL;
	}
	board = zone->addr;
	memset(board, 0, sizeof(*board));
	snprintf(board->pool, sizeof(board->pool), "%s", mp->name);
	return board;
}

/* Start this program again, on the same memory, with the same plugins in the same order. */
static pid_t
start_second(struct trial *t, const char *what)
{
	static char secondary[] = "--proc-type=secondary", dashes[] = "--", second[] = "--second";
	char name[32], ops[] = "--ops", *argv[ARGS];
	char ops_name[RTE_MEMPOOL_OPS_NAMESIZE];
	int argc = 0;
	pid_t pid;

	snprintf(name, sizeof(name), "%s", what);
	snprintf(ops_name, sizeof(ops_name), "%s", t->ops);
	while (t->eal[argc] != NULL && argc < ARGS - 8) {
		argv[argc] = t->eal[argc];
		argc++;
	}
	argv[argc++] = secondary;
	argv[argc++] = dashes;
	argv[argc++] = second;
	argv[argc++] = name;
	argv[argc++] = ops;
	argv[argc++] = ops_name;
	argv[argc] = NULL;
	pid = fork();
	if (pid == 0) {
		execv("/proc/self/exe", argv);
		_exit(127);
	}
	if (pid < 0)
		fails(t, "fork: %s", strerror(errno));
	return pid;
}

static int
second_shares(struct trial *t, struct board *board, struct audit *b)
{
	void *objs[POOL];
	unsigned int n;

	CHECK(t, rte_mempool_avail_count(b->mp) == POOL - HALF,
		"the second process counts %u objects, %u are free", rte_mempool_avail_count(b->mp),
		POOL - HALF);
	n = audit_get_all(b, objs);
	CHECK(t, n == POOL - HALF, "the second process can take %u of %u objects", n, POOL - HALF);
	for (unsigned int i = 0; i < n; i++)
		memset(objs[i], 0x5a, b->mp->elt_size);
	NEED(audit_put(b, objs, n));
	rte_mempool_put_bulk(b->mp, board->mine, HALF);
	NEED(audit_get(b, board->yours, HALF));
	return VERDICT_PASS;
}

/* Until the parent kills this process; now and then check that the parent still exists. */
static int
second_works(struct board *board, struct audit *b)
{
	pid_t first = getppid();
	void *objs[BURST];

	while (getppid() == first) {
		for (unsigned int i = 0; i < 1000; i++)
			if (rte_mempool_get_bulk(b->mp, objs, BURST) == 0)
				rte_mempool_put_bulk(b->mp, objs, BURST);
		atomic_fetch_add(&board->loops, 1);
	}
	return VERDICT_FAIL;
}

int
process_second(struct trial *t, const char *what)
{
	const struct rte_memzone *zone = rte_memzone_lookup("conform_board");
	struct rte_mempool *mp;
	struct board *board;
	struct audit b;
	int ret;

	if (zone == NULL)
		return VERDICT_FAIL;
	board = zone->addr;
	mp = rte_mempool_lookup(board->pool);
	if (mp == NULL)
		ret = fails(t, "the second process does not find the pool");
	else if (!audit_open(&b, t, mp, POOL))
		ret = VERDICT_FAIL;
	else
		ret = strcmp(what, "shares") == 0 ? second_shares(t, board, &b)
		                                  : second_works(board, &b);
	memcpy(board->reason, t->reason, sizeof(board->reason));
	return ret;
}

static enum verdict
second_process(struct trial *t)
{
	struct board *board;
	struct audit b;
	int status;
	pid_t pid;

	NEED(audit_make(&b, t, POOL, 200, 0, 0));
	board = make_board(t, b.mp);
	NEED(board != NULL);
	NEED(audit_get(&b, board->mine, HALF));
	pid = start_second(t, "shares");
	NEED(pid > 0);
	waitpid(pid, &status, 0);
	CHECK(t, WIFEXITED(status), "the second process was ended by signal %d", WTERMSIG(status));
	CHECK(t, WEXITSTATUS(status) == VERDICT_PASS, "%s",
		board->reason[0] != '\0' ? board->reason : "the second process did not start");
	NEED(audit_note_put(&b, board->mine, HALF));
	NEED(audit_note_get(&b, board->yours, HALF));
	NEED(audit_put(&b, board->yours, HALF));
	NEED(audit_all_free(&b));
	return VERDICT_PASS;
}

/* Move objects while the second process does too, then kill it, most often inside a call. */
static bool
kill_one(struct trial *t, struct audit *b, struct board *board, uint64_t *random)
{
	unsigned int first = atomic_load(&board->loops);
	pid_t pid = start_second(t, "works");
	void *objs[BURST];
	int status = 0;

	if (pid < 0)
		return false;
	while (atomic_load(&board->loops) == first && waitpid(pid, &status, WNOHANG) == 0)
		nanosleep(&(struct timespec){0, 1000000}, NULL);
	for (uint32_t i = random_below(random, 3000); i > 0; i--)
		if (rte_mempool_get_bulk(b->mp, objs, BURST) == 0)
			rte_mempool_put_bulk(b->mp, objs, BURST);
	nanosleep(&(struct timespec){0, random_below(random, 3000000)}, NULL);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	if (atomic_load(&board->loops) == first)
		fails(t, "the second process did not start");
	return atomic_load(&board->loops) != first;
}

/* Count the objects that an lcore can get, one by one, and put back. */
struct harvest {
	struct audit *audit;
	unsigned int n;
};

static int
lcore_harvests(void *arg)
{
	struct harvest *h = arg;
	void *objs[POOL];

	h->n = audit_get_all(h->audit, objs);
	return h->n != UINT_MAX && audit_put(h->audit, objs, h->n) ? 0 : -1;
}

/* False: the lcore waits for a lock of a dead process for ever, and cannot be used again. */
static bool
take_within(struct audit *b, unsigned int ms, unsigned int *n)
{
	unsigned int lcore = rte_get_next_lcore(-1, 1, 0);
	struct harvest h = {b, 0};

	rte_eal_remote_launch(lcore_harvests, &h, lcore);
	while (rte_eal_get_lcore_state(lcore) == RUNNING && ms-- > 0)
		nanosleep(&(struct timespec){0, 1000000}, NULL);
	if (rte_eal_get_lcore_state(lcore) == RUNNING)
		return false;
	*n = rte_eal_wait_lcore(lcore) == 0 ? h.n : UINT_MAX;
	return true;
}

static enum verdict
killed_process(struct trial *t)
{
	uint64_t random = t->seed;
	struct board *board;
	unsigned int n = 0;
	struct audit b;

	NEED(audit_make(&b, t, POOL, 200, 0, 0));
	board = make_board(t, b.mp);
	NEED(board != NULL);
	if (rte_lcore_count() < 2)
		return skips(t, "needs 2 lcores");
	for (unsigned int i = 1; i <= KILLS; i++) {
		NEED(kill_one(t, &b, board, &random));
		CHECK(t, take_within(&b, PATIENCE_MS, &n),
			"no get and put ends within %d ms after %u processes were killed",
			PATIENCE_MS, i);
		CHECK(t, n <= POOL && n >= POOL - i * BURST,
			"%u of %u objects can be taken after %u processes were killed that held up "
			"to "
			"%u each",
			n, POOL, i, BURST);
	}
	return passes(t, "%u of %u objects lost with %u processes that were moving %u at a time",
		POOL - n, POOL, KILLS, BURST);
}

const struct claim claims_process[] = {
	{.name = "second-process",
		.sentence = "a second process gets and puts, plugins loaded in the same order",
		.basis = BASIS_CONTRACT,
		.memory = MEMORY_SHARED,
		.threads = true,
		.run = second_process},
	{.name = "killed-process",
		.sentence = "a process killed inside get or put stalls no other and loses only its "
			    "own objects",
		.basis = BASIS_EXTRA,
		.memory = MEMORY_SHARED,
		.threads = true,
		.run = killed_process},
	{.name = NULL},
};
