/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Reads how much memory a node has, and how much it can give at this moment. */

#include <errno.h>

#include "sys_friend.h"

/* The meminfo file of a node: its lines begin with "Node 1 ", those of the machine do not. */
static int
read_meminfo(int node, struct tidei_textfile *file)
{
	if (node < 0)
		return tidei_textfile_read(file, "", "/proc/meminfo");
	return tidei_textfile_read(file, "", "/sys/devices/system/node/node%d/meminfo", node);
}

uint64_t
tidei_memory_total(int node)
{
	struct tidei_textfile file;
	uint64_t bytes;

	if (read_meminfo(node, &file) != 0 || !tidei_meminfo_bytes(file.text, "MemTotal:", &bytes))
		return UINT64_MAX;
	return bytes;
}

int
tidei_memory_now(int node, uint64_t *bytes)
{
	/* Pages of files, and caches that the kernel can give up, count as free. */
	static const char *const names[] = {
		"MemFree:", "Active(file):", "Inactive(file):", "SReclaimable:"};
	struct tidei_textfile file;
	uint64_t value, sum = 0;

	if (read_meminfo(node, &file) != 0)
		return -ENOENT;
	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (tidei_meminfo_bytes(file.text, names[i], &value))
			sum += value;
	}
	*bytes = sum;
	return 0;
}
