/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds out what the kernel lets this process do, by trying it on one page or by reading files. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <linux/membarrier.h>
#include <linux/mempolicy.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys_internal.h"

/* Bits 0 to 54 of an entry of /proc/self/pagemap are the page frame, zeros where the reader may not know it. */
#define PAGEMAP_FRAME ((UINT64_C(1) << 55) - 1)

static void say(struct tide_capability_state *state, enum tide_answer answer, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void
say(struct tide_capability_state *state, enum tide_answer answer, const char *fmt, ...)
{
	va_list ap;

	state->answer = answer;
	va_start(ap, fmt);
	vsnprintf(state->fact, sizeof(state->fact), fmt, ap);
	va_end(ap);
}

/* Report a system call by its result and errno. */
static void
say_call(struct tide_capability_state *state, const char *call, long ret)
{
	if (ret == 0)
		say(state, TIDE_ANSWER_YES, "the kernel accepts %s", call);
	else
		say(state, TIDE_ANSWER_NO, "the kernel refuses %s: %s", call, strerror(errno));
}

/* Map a page of our own, with a page frame behind it; MAP_FAILED: out of memory. */
static void *
one_page(size_t *size)
{
	void *page;

	*size = (size_t)sysconf(_SC_PAGESIZE);
	page = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return page;
	*(volatile char *)page = 1;
	return page;
}

static void
try_mbind(const char *root, struct tide_capability_state *state)
{
	size_t size;
	void *page = one_page(&size);

	if (page == MAP_FAILED) {
		say(state, TIDE_ANSWER_UNKNOWN, "there is no memory to try mbind(2) on");
		return;
	}
	say_call(state, "mbind(2)",
		syscall(SYS_mbind, page, size, MPOL_DEFAULT, NULL, 0UL, 0U) == 0 ? 0 : -1);
	munmap(page, size);
}

static void
try_move_pages(const char *root, struct tide_capability_state *state)
{
	size_t size;
	void *page = one_page(&size);
	int status = 0;

	if (page == MAP_FAILED) {
		say(state, TIDE_ANSWER_UNKNOWN, "there is no memory to try move_pages(2) on");
		return;
	}
	say_call(state, "move_pages(2)",
		syscall(SYS_move_pages, 0, 1UL, &page, NULL, &status, 0) == 0 ? 0 : -1);
	munmap(page, size);
}

static void
try_membarrier(const char *root, struct tide_capability_state *state)
{
	long commands = syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0);

	if (commands < 0)
		say_call(state, "membarrier(2)", commands);
	else if ((commands & MEMBARRIER_CMD_PRIVATE_EXPEDITED) != 0)
		say_call(state, "membarrier(2)", 0);
	else
		say(state, TIDE_ANSWER_NO, "the kernel has no expedited membarrier(2)");
}

static bool
has_entries(const char *root, const char *path)
{
	char full[PATH_MAX];
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	if (snprintf(full, sizeof(full), "%s%s", root, path) >= (int)sizeof(full))
		return false;
	dir = opendir(full);
	if (dir == NULL)
		return false;
	while (!found && (entry = readdir(dir)) != NULL)
		found = entry->d_name[0] != '.';
	closedir(dir);
	return found;
}

static bool
no_iommu_mode(const char *root)
{
	struct tidei_textfile file;

	return tidei_textfile_read(&file, root,
		       "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode") == 0 &&
	       file.text[0] == 'Y';
}

static void
look_for_vfio(const char *root, struct tide_capability_state *state)
{
	char path[PATH_MAX];
	int error;

	if (!has_entries(root, "/sys/kernel/iommu_groups") && !no_iommu_mode(root)) {
		say(state, TIDE_ANSWER_NO, "the kernel uses no IOMMU");
		return;
	}
	if (snprintf(path, sizeof(path), "%s/dev/vfio/vfio", root) >= (int)sizeof(path))
		return;
	error = faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) == 0 ? 0 : errno;
	if (error != 0)
		say(state, TIDE_ANSWER_NO, "/dev/vfio/vfio cannot be opened: %s", strerror(error));
	else
		say(state, TIDE_ANSWER_YES, "%s, and /dev/vfio/vfio can be opened",
			no_iommu_mode(root) ? "VFIO is in its mode without IOMMU"
					    : "the kernel uses an IOMMU");
}

static void
try_physical(const char *root, struct tide_capability_state *state)
{
	char path[PATH_MAX];
	uint64_t entry = 0;
	size_t size;
	void *page;
	int fd;

	if (snprintf(path, sizeof(path), "%s/proc/self/pagemap", root) >= (int)sizeof(path))
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		say(state, TIDE_ANSWER_NO, "/proc/self/pagemap cannot be opened: %s",
			strerror(errno));
		return;
	}
	page = one_page(&size);
	if (page == MAP_FAILED ||
		pread(fd, &entry, sizeof(entry), (off_t)((uintptr_t)page / size * sizeof(entry))) !=
			sizeof(entry))
		say(state, TIDE_ANSWER_UNKNOWN, "/proc/self/pagemap could not be read");
	else if ((entry & PAGEMAP_FRAME) == 0)
		say(state, TIDE_ANSWER_NO,
			"/proc/self/pagemap does not show physical addresses to this process");
	else
		say(state, TIDE_ANSWER_YES, "/proc/self/pagemap shows physical addresses");
	if (page != MAP_FAILED)
		munmap(page, size);
	close(fd);
}

/* Tell whether the process has a capability of capabilities(7); false too where the kernel does not say. */
static bool
has_kernel_capability(const char *root, unsigned int bit)
{
	struct tidei_textfile file;
	const char *at;

	if (tidei_textfile_read(&file, root, "/proc/self/status") != 0)
		return false;
	at = strstr(file.text, "\nCapEff:");
	return at != NULL && (strtoull(at + strlen("\nCapEff:"), NULL, 16) >> bit & 1) != 0;
}

static void
look_for_lock(const char *root, struct tide_capability_state *state)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0)
		say(state, TIDE_ANSWER_UNKNOWN, "the limit of locked memory cannot be read");
	else if (limit.rlim_cur == RLIM_INFINITY)
		say(state, TIDE_ANSWER_YES, "locked memory has no limit");
	else if (has_kernel_capability(root, CAP_IPC_LOCK))
		say(state, TIDE_ANSWER_YES,
			"the limit of locked memory, %" PRIu64
			" kB, does not count: the process has CAP_IPC_LOCK",
			(uint64_t)limit.rlim_cur >> 10);
	else
		say(state, TIDE_ANSWER_NO, "%" PRIu64 " kB of memory can be locked",
			(uint64_t)limit.rlim_cur >> 10);
}

/* What each capability is called, how it is found out, and what follows. */
static const struct {
	const char *name;
	void (*look)(const char *root, struct tide_capability_state *state);
	const char *with, *without, *remedy;
} capabilities[TIDE_CAPABILITY_COUNT] = {
	[TIDE_CAPABILITY_MBIND] = {"mbind", try_mbind, "buffers are bound to the node of their NIC",
		"memory comes from the node of the thread that touches it first, which the library "
		"arranges; a strict request fails if several nodes have memory",
		"docker run --cap-add SYS_NICE, or a seccomp profile that allows mbind"},
	[TIDE_CAPABILITY_MOVE_PAGES] = {"move_pages", try_move_pages,
		"the kernel confirms the node of each page",
		"placement is not confirmed, unless only one node has memory",
		"docker run --cap-add SYS_NICE, or a seccomp profile that allows move_pages"},
	[TIDE_CAPABILITY_MEMBARRIER] = {"membarrier", try_membarrier,
		"a get or put of the allocator needs no full fence",
		"each get and put of the allocator passes a full fence, which costs speed",
		"a seccomp profile that allows membarrier"},
	[TIDE_CAPABILITY_VFIO] = {"VFIO", look_for_vfio,
		"NICs that are bound to vfio-pci can be used",
		"NICs that are bound to vfio-pci cannot be used",
		"boot with intel_iommu=on or amd_iommu=on, load vfio-pci, and give the process "
		"/dev/vfio"},
	[TIDE_CAPABILITY_PHYSICAL] = {"physical addresses", try_physical,
		"EAL can run with IOVA mode PA, which it chooses if there is no IOMMU",
		"EAL runs with IOVA mode VA: NICs need an IOMMU, and drivers of uio do not work",
		"run as root, or with CAP_SYS_ADMIN"},
	[TIDE_CAPABILITY_LOCK] = {"memory lock", look_for_lock, "VFIO can map all memory for DMA",
		"VFIO maps no more memory for DMA than that: EAL fails with \"cannot set up DMA "
		"remapping\"",
		"ulimit -l unlimited, LimitMEMLOCK=infinity in a systemd unit, or CAP_IPC_LOCK"},
};

void
tidei_process_capability(
	const char *root, enum tide_capability capability, struct tide_capability_state *state)
{
	*state = (struct tide_capability_state){.answer = TIDE_ANSWER_UNKNOWN,
		.fact = "there is no such capability",
		.consequence = "nothing follows"};
	if ((unsigned int)capability >= TIDE_CAPABILITY_COUNT)
		return;
	capabilities[capability].look(root, state);
	state->consequence = state->answer == TIDE_ANSWER_YES ? capabilities[capability].with
	                                                      : capabilities[capability].without;
	if (state->answer != TIDE_ANSWER_YES)
		state->remedy = capabilities[capability].remedy;
}

void
tide_process_capability(enum tide_capability capability, struct tide_capability_state *state)
{
	tidei_process_capability("", capability, state);
}

const char *
tide_capability_name(enum tide_capability capability)
{
	return (unsigned int)capability < TIDE_CAPABILITY_COUNT ? capabilities[capability].name
	                                                        : "no capability";
}
