/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The child: a process that starts EAL on the memory that a claim requests, tries the claim and reports. */

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <glob.h>
#include <libgen.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "audit.h"
#include "runner.h"

/* The least free huge pages for which EAL starts on huge pages. */
#define HUGE_BYTES (UINT64_C(192) << 20)
#define EAL_ARGS   48
#define FRAMES     12

struct eal {
	char *argv[EAL_ARGS + 1];
	int argc;
};

__attribute__((format(printf, 2, 3))) static void
report(char kind, const char *format, ...)
{
	char line[512];
	va_list args;
	int n;

	line[0] = kind;
	va_start(args, format);
	n = vsnprintf(line + 1, sizeof(line) - 2, format, args) + 1;
	va_end(args);
	if (n > (int)sizeof(line) - 2)
		n = (int)sizeof(line) - 2;
	for (int i = 0; i < n; i++)
		if (line[i] == '\n')
			line[i] = ' ';
	line[n] = '\n';
	/* The runner reports a crash if the child cannot write its report. */
	if (write(REPORT_FD, line, (size_t)n + 1) < 0)
		_exit(3);
}

static int
report_verdict(enum verdict verdict, const char *reason)
{
	report(REPORT_VERDICT, "%d %s", (int)verdict, reason);
	return 0;
}

/* Report the library that crashed, as far as a broken process can; then let the signal end the process. */
static void
on_crash(int signal)
{
	void *frame[FRAMES];
	int n = backtrace(frame, FRAMES);
	char where[160] = "";
	Dl_info info;

	/* The first two frames are this handler and the kernel's entry to it. */
	for (int i = 2; i < n && strlen(where) < 100; i++) {
		if (dladdr(frame[i], &info) == 0 || info.dli_fname == NULL)
			continue;
		snprintf(where + strlen(where), sizeof(where) - strlen(where), "%s%s%s%s",
			where[0] == '\0' ? " in " : " < ",
			info.dli_sname != NULL ? info.dli_sname : "",
			info.dli_sname != NULL ? " of " : "", strrchr(info.dli_fname, '/') + 1);
		if (i >= 3)
			break;
	}
	report(REPORT_CRASH, "%s%s", strsignal(signal), where);
	raise(signal);
}

static void
watch_for_crashes(void)
{
	struct sigaction action = {.sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND};
	void *frame[1];

	/* The first call loads the libraries that backtrace needs. */
	backtrace(frame, 1);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGFPE, &action, NULL);
	sigaction(SIGILL, &action, NULL);
}

static uint64_t
huge_bytes_free(void)
{
	uint64_t bytes = 0;
	glob_t found;

	if (glob("/sys/kernel/mm/hugepages/hugepages-*kB", 0, NULL, &found) != 0)
		return 0;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		unsigned long long kb, pages;
		char path[160];
		FILE *f;

		snprintf(path, sizeof(path), "%s/free_hugepages", found.gl_pathv[i]);
		f = fopen(path, "r");
		if (f == NULL)
			continue;
		if (fscanf(f, "%llu", &pages) == 1 &&
			sscanf(strrchr(found.gl_pathv[i], '/'), "/hugepages-%llukB", &kb) == 1)
			bytes += pages * kb * 1024;
		fclose(f);
	}
	globfree(&found);
	return bytes;
}

__attribute__((format(printf, 2, 3))) static void
add(struct eal *eal, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (eal->argc < EAL_ARGS && vasprintf(&eal->argv[eal->argc], format, args) >= 0)
		eal->argv[++eal->argc] = NULL;
	va_end(args);
}

/* Tell whether the user gave one of these arguments to EAL. */
static bool
user_chose(const struct options *o, const char *const *names)
{
	for (int i = 1; i < o->eal_argc; i++)
		for (const char *const *name = names; *name != NULL; name++)
			if (strncmp(o->eal_argv[i], *name, strlen(*name)) == 0)
				return true;
	return false;
}

/* Enough lcores for each claim; each may run on any CPU of this process. */
static void
add_lcores(struct eal *eal)
{
	char list[512] = "";
	cpu_set_t cpus;

	if (sched_getaffinity(0, sizeof(cpus), &cpus) != 0)
		return;
	for (int cpu = 0; cpu < CPU_SETSIZE && strlen(list) < sizeof(list) - 8; cpu++)
		if (CPU_ISSET(cpu, &cpus))
			snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%d",
				list[0] == '\0' ? "" : ",", cpu);
	add(eal, "--lcores=(0-%d)@(%s)", LCORES - 1, list);
}

/* Mount a hugetlbfs that no other process sees and that ends with this process and its children. */
static enum verdict
mount_pages(struct trial *t, struct eal *eal)
{
	char dir[] = "/tmp/conform.XXXXXX";

	if (geteuid() != 0)
		return skips(t, "needs root, to mount a hugetlbfs of its own");
	if (mkdtemp(dir) == NULL)
		return skips(t, "no directory in /tmp: %s", strerror(errno));
	report(REPORT_DIRECTORY, "%s", dir);
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		mount("hugetlbfs", dir, "hugetlbfs", 0, NULL) != 0)
		return skips(t, "no hugetlbfs of its own: %s", strerror(errno));
	add(eal, "--huge-dir=%s", dir);
	return VERDICT_PASS;
}

static enum verdict
add_memory(struct trial *t, struct eal *eal, enum memory memory)
{
	bool huge = memory != MEMORY_SMALL && huge_bytes_free() >= HUGE_BYTES;

	if (memory == MEMORY_PA && geteuid() != 0)
		return skips(t, "needs root, to see physical addresses");
	if (memory != MEMORY_SMALL && memory != MEMORY_ANY && !huge)
		return skips(t, "needs %u MB of free huge pages", (unsigned int)(HUGE_BYTES >> 20));
	add(eal, "--iova-mode=%s", memory == MEMORY_PA ? "pa" : "va");
	if (memory == MEMORY_SHARED)
		return mount_pages(t, eal);
	if (huge) {
		add(eal, "--in-memory");
	} else {
		add(eal, "--no-huge");
		add(eal, "--no-shconf");
		add(eal, "-m%d", MEMORY_SMALL_MB);
	}
	return VERDICT_PASS;
}

static void
add_usual(const struct options *o, struct eal *eal)
{
	static const char *const lcores[] = {"-l", "-c", "--lcores", NULL};
	static const char *const devices[] = {"-a", "--allow", "-b", "--block", "--no-pci", NULL};
	/* From 25.11 on EAL refuses an argument that occurs twice. */
	static const char *const telemetry[] = {"--no-telemetry", "--telemetry", NULL};

	for (int i = 0; i < o->eal_argc; i++)
		add(eal, "%s", o->eal_argv[i]);
	if (!user_chose(o, lcores))
		add_lcores(eal);
	if (!user_chose(o, devices))
		add(eal, "--no-pci");
	if (!user_chose(o, telemetry))
		add(eal, "--no-telemetry");
	add(eal, "--file-prefix=%s", o->prefix);
}

/* Return the directory of EAL's run-time files; EAL itself does not say before it has started or failed. */
static void
report_runtime_dir(const char *prefix)
{
	const char *base = getenv("RUNTIME_DIRECTORY");

	if (base == NULL)
		base = geteuid() == 0 ? "/var/run" : getenv("XDG_RUNTIME_DIR");
	report(REPORT_DIRECTORY, "%s/dpdk/%s", base != NULL ? base : "/tmp", prefix);
}

/* rte_eal_init() reorders its arguments, so it gets a copy. */
static int
start_eal(const struct eal *eal)
{
	struct eal copy = *eal;

	return rte_eal_init(copy.argc, copy.argv);
}

static enum verdict
make_one(struct trial *t)
{
	return pool_make(t, 64, 64, 0, 0) != NULL ? VERDICT_PASS : VERDICT_FAIL;
}

static enum verdict
list_ops(struct trial *t)
{
	for (uint32_t i = 0; i < rte_mempool_ops_table.num_ops; i++)
		report(REPORT_OPS, "%s", rte_mempool_ops_table.ops[i].name);
	return VERDICT_PASS;
}

static const struct claim *
find_try(const char *name)
{
	static const struct claim list = {.name = TRY_LIST, .run = list_ops};
	static const struct claim make = {.name = TRY_MAKE, .run = make_one};

	if (strcmp(name, TRY_LIST) == 0)
		return &list;
	return strcmp(name, TRY_MAKE) == 0 ? &make : claim_by_name(name);
}

static int
try_claim(const struct options *o, struct trial *t, const struct claim *claim)
{
	struct eal eal = {.argc = 0};
	enum verdict v;

	add_usual(o, &eal);
	v = add_memory(t, &eal, claim->memory);
	if (v == VERDICT_PASS && claim->before_eal != NULL)
		v = claim->before_eal(t);
	if (v != VERDICT_PASS)
		return report_verdict(v, t->reason);
	t->eal = eal.argv;
	report_runtime_dir(o->prefix);
	if (start_eal(&eal) < 0)
		return EXIT_EAL;
	v = claim->run(t);
	report_verdict(v, t->reason);
	/* The pools of the claim may be in any state, so the process just ends. */
	fflush(NULL);
	_exit(0);
}

int
child_main(const struct options *o)
{
	struct trial t = {.ops = o->ops, .seed = o->seed};
	struct eal eal = {.argc = 0};

	/* Not for a second process. */
	fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC);
	watch_for_crashes();
	if (o->second == NULL)
		return try_claim(o, &t, find_try(o->try));
	for (int i = 0; i < o->eal_argc; i++)
		add(&eal, "%s", o->eal_argv[i]);
	if (rte_eal_init(eal.argc, eal.argv) < 0)
		return VERDICT_FAIL;
	_exit(process_second(&t, o->second));
}
