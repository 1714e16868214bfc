/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds other processes of the same EAL by the sockets on which each of them listens to the others. */

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <rte_eal.h>

#include "locate_peers.h"

/* A process that was killed leaves its socket, but the kernel refuses a connection to it. */
static bool
listens(const char *dir, const char *name)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), ret = -1;

	if (fd < 0)
		return true;
	if (snprintf(to.sun_path, sizeof(to.sun_path), "%s/%s", dir, name) <
		(int)sizeof(to.sun_path))
		ret = connect(fd, (const struct sockaddr *)&to, sizeof(to));
	close(fd);
	return ret == 0;
}

bool
tidei_peers_exist(void)
{
	DIR *dir = opendir(rte_eal_get_runtime_dir());
	unsigned int listening = 0;
	struct dirent *entry;

	/* An EAL that shares nothing, as with --in-memory, has no such directory. */
	if (dir == NULL)
		return rte_eal_process_type() == RTE_PROC_SECONDARY;
	while ((entry = readdir(dir)) != NULL)
		if (strncmp(entry->d_name, "mp_socket", 9) == 0)
			listening += listens(rte_eal_get_runtime_dir(), entry->d_name);
	closedir(dir);
	/* One is this process. */
	return listening > 1 || rte_eal_process_type() == RTE_PROC_SECONDARY;
}
