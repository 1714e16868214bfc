/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * mempool-conformance: what any DPDK mempool handler must do, tried on any handler there is. The
 * program itself never starts EAL: it starts children, one for each claim and handler, that do.
 */

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runner.h"

#define CLAIMS_MAX 96

static const char usage[] =
	"usage: mempool-conformance [EAL args] -- [options]\n"
	"  --ops NAME,...|all   handlers to try (all: each that can make a pool here)\n"
	"  --claims NAME,...    claims to try (default: all)\n"
	"  --must NAME,...      handlers whose verdicts make the exit code (default: all tried)\n"
	"  --serial NAME,...    handlers for one producer or one consumer only\n"
	"  --json FILE          write the table as JSON too\n"
	"  --seed N             repeat the random parts of a run\n"
	"  --jobs N             tries at a time (default: twice the CPUs, 8 at most)\n"
	"  --list               list claims and handlers, try nothing\n"
	"  --verbose            show what each child printed\n"
	"A handler in a plugin is loaded by EAL: -d /path/librte_mempool_mine.so\n"
	"Exit code: 0 all passed or skipped, 1 not, 2 wrong arguments.\n";

__attribute__((format(printf, 1, 2))) static void
wrong(const char *format, ...)
{
	va_list args;

	fputs("mempool-conformance: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}

static uint64_t
number(const char *option, const char *text, uint64_t low, uint64_t high)
{
	uint64_t value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (!isdigit((unsigned char)text[0]) || *end != '\0' || errno != 0 || value < low ||
		value > high)
		wrong("--%s wants a number from %" PRIu64 " to %" PRIu64 ", not \"%s\"", option,
			low, high, text);
	return value;
}

static unsigned int
default_jobs(void)
{
	cpu_set_t cpus;
	int n = 1;

	if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0)
		n = CPU_COUNT(&cpus);
	/* A short trial mostly waits for EAL to start. */
	return n < 4 ? 2 * (unsigned int)n : 8;
}

static void
parse(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {{"ops", 1, NULL, 'o'}, {"claims", 1, NULL, 'c'},
		{"must", 1, NULL, 'm'}, {"serial", 1, NULL, 's'}, {"json", 1, NULL, 'j'},
		{"seed", 1, NULL, 'r'}, {"jobs", 1, NULL, 'n'}, {"list", 0, NULL, 'l'},
		{"verbose", 0, NULL, 'v'}, {"help", 0, NULL, 'h'}, {"try", 1, NULL, 'T'},
		{"second", 1, NULL, 'S'}, {"prefix", 1, NULL, 'P'}, {NULL, 0, NULL, 0}};
	int c;

	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		switch (c) {
		case 'o':
			o->ops = optarg;
			break;
		case 'c':
			o->claims = optarg;
			break;
		case 'm':
			o->must = optarg;
			break;
		case 's':
			o->serial = optarg;
			break;
		case 'j':
			o->json = optarg;
			break;
		case 'r':
			o->seed = number("seed", optarg, 1, UINT64_MAX);
			break;
		case 'n':
			o->jobs = (unsigned int)number("jobs", optarg, 1, 16);
			break;
		case 'l':
			o->list = true;
			break;
		case 'v':
			o->verbose = true;
			break;
		case 'T':
			o->try = optarg;
			break;
		case 'S':
			o->second = optarg;
			break;
		case 'P':
			o->prefix = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		default:
			fputs(usage, stderr);
			exit(2);
		}
	}
	if (optind < argc)
		wrong("\"%s\" is no option", argv[optind]);
}

/* EAL's arguments end at "--". Without it all are EAL's, except a single --help. */
static void
split(struct options *o, int argc, char **argv)
{
	int dashes = 1;

	while (dashes < argc && strcmp(argv[dashes], "--") != 0)
		dashes++;
	o->eal_argc = dashes;
	o->eal_argv = argv;
	for (int i = 1; i < dashes; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			fputs(usage, stdout);
			exit(0);
		}
	if (dashes < argc) {
		argv[dashes] = argv[0];
		parse(o, argc - dashes, argv + dashes);
	}
}

static void
registered(const struct options *o, char (*names)[OPS_NAME], unsigned int *n)
{
	struct result r;

	*n = 0;
	r = run_one(o, TRY_LIST, "-", names, n);
	if (r.verdict != VERDICT_PASS)
		wrong("no child could list the handlers: %s", r.reason);
}

/* Check that each name of a list is one of n. */
static void
names_exist(const char *option, const char *list,
	const char *(*name_at)(const void *, unsigned int), const void *names, unsigned int n)
{
	char *copy = strdup(list), *save = NULL;

	for (char *name = strtok_r(copy, ",", &save); name != NULL;
		name = strtok_r(NULL, ",", &save)) {
		unsigned int i = 0;

		while (i < n && strcmp(name_at(names, i), name) != 0)
			i++;
		if (i == n)
			wrong("--%s: there is no \"%s\"; --list shows what there is", option, name);
	}
	free(copy);
}

static const char *
ops_at(const void *names, unsigned int i)
{
	return (const char *)names + (size_t)i * OPS_NAME;
}

static const char *
claim_at(const void *claims, unsigned int i)
{
	return ((const struct claim *const *)claims)[i]->name;
}

/* Find the handlers to try: those of a list in its order, or all that can make a pool here. */
static void
choose_ops(const struct options *o, struct table *table)
{
	char names[OPS_MAX][OPS_NAME];
	unsigned int n;
	char *copy, *save = NULL;

	registered(o, names, &n);
	if (strcmp(o->ops, "all") == 0) {
		for (unsigned int i = 0; i < n; i++) {
			struct result r = run_one(o, TRY_MAKE, names[i], NULL, NULL);

			if (r.verdict == VERDICT_PASS)
				memcpy(table->ops[table->n_ops++], names[i], OPS_NAME);
			else
				printf("%s is left out: %s\n", names[i], r.reason);
		}
	} else {
		names_exist("ops", o->ops, ops_at, names, n);
		copy = strdup(o->ops);
		for (char *name = strtok_r(copy, ",", &save);
			name != NULL && table->n_ops < OPS_MAX; name = strtok_r(NULL, ",", &save))
			snprintf(table->ops[table->n_ops++], OPS_NAME, "%s", name);
		free(copy);
	}
	if (table->n_ops == 0)
		wrong("no handler to try");
	if (o->must != NULL)
		names_exist("must", o->must, ops_at, table->ops, table->n_ops);
}

static void
choose_claims(const struct options *o, struct table *table)
{
	static const struct claim *chosen[CLAIMS_MAX + 1];
	const struct claim *const *all = claims_all();
	unsigned int n = 0;

	while (all[n] != NULL)
		n++;
	if (o->claims != NULL)
		names_exist("claims", o->claims, claim_at, all, n);
	for (unsigned int i = 0; i < n; i++)
		if (o->claims == NULL || list_has(o->claims, all[i]->name))
			chosen[table->n_claims++] = all[i];
	table->claims = chosen;
}

static void
print_list(const struct options *o)
{
	char names[OPS_MAX][OPS_NAME];
	unsigned int n;

	for (const struct claim *const *c = claims_all(); *c != NULL; c++)
		printf("%-24s %-9s %s\n", (*c)->name, basis_name((*c)->basis), (*c)->sentence);
	registered(o, names, &n);
	printf("\nhandlers:");
	for (unsigned int i = 0; i < n; i++)
		printf(" %s", names[i]);
	printf("\n");
}

static bool
all_passed(const struct options *o, const struct table *table)
{
	for (unsigned int ops = 0; ops < table->n_ops; ops++) {
		if (o->must != NULL && !list_has(o->must, table->ops[ops]))
			continue;
		for (unsigned int c = 0; c < table->n_claims; c++) {
			enum verdict v = table_at(table, c, ops)->verdict;

			if (v != VERDICT_PASS && v != VERDICT_SKIP)
				return false;
		}
	}
	return true;
}

int
main(int argc, char **argv)
{
	struct options o = {.ops = "all", .jobs = default_jobs()};
	struct table table = {.n_ops = 0};

	o.seed = (uint64_t)time(NULL);
	split(&o, argc, argv);
	if (o.try != NULL || o.second != NULL)
		return child_main(&o);
	setvbuf(stdout, NULL, _IOLBF, 0);
	runner_init();
	if (o.list) {
		print_list(&o);
		return 0;
	}
	choose_claims(&o, &table);
	choose_ops(&o, &table);
	table.results = calloc((size_t)table.n_claims * table.n_ops, sizeof(*table.results));
	if (table.results == NULL)
		wrong("no memory");
	if (!run_table(&o, &table))
		return 130;
	table_print(&table, &o);
	if (o.json != NULL && table_write_json(&table, &o) != 0)
		wrong("%s: %s", o.json, strerror(errno));
	return all_passed(&o, &table) ? 0 : 1;
}
