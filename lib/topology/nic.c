/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Lists the NICs of a machine from sysfs. */

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "topology_internal.h"

#define PCI_DEVICES "/sys/bus/pci/devices"

/* Base class "network controller" of the PCI code and id assignment; the rest of the code names its kind. */
#define CLASS_NETWORK 0x02

/* Read a hexadecimal number such as "0x020000"; 0 where there is none. */
static unsigned long
read_hex(const char *root, const char *address, const char *name)
{
	struct tidei_textfile file;

	if (tidei_textfile_read(&file, root, PCI_DEVICES "/%s/%s", address, name) != 0)
		return 0;
	return strtoul(file.text, NULL, 16);
}

/* Copy the last name of a path; one that does not fit is left out. */
static void
copy_name(char *to, size_t size, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;

	if (strlen(name) < size)
		memcpy(to, name, strlen(name) + 1);
}

static void
read_driver(const char *root, struct tide_nic *nic)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t len;

	if (snprintf(path, sizeof(path), "%s" PCI_DEVICES "/%s/driver", root, nic->address) >=
		(int)sizeof(path))
		return;
	len = readlink(path, target, sizeof(target) - 1);
	if (len <= 0)
		return;
	target[len] = '\0';
	copy_name(nic->driver, sizeof(nic->driver), target);
}

/* Keep the first name in the order of the alphabet: directories have none. */
static void
keep_first(char *name, size_t size, const char *other)
{
	if (name[0] == '\0' || strcmp(other, name) < 0)
		copy_name(name, size, other);
}

/* Find the interfaces below a directory of the device. */
static void
read_interfaces(const char *device, struct tide_nic *nic)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	if (snprintf(path, sizeof(path), "%s/net", device) >= (int)sizeof(path))
		return;
	dir = opendir(path);
	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.')
			keep_first(nic->interface, sizeof(nic->interface), entry->d_name);
	}
	closedir(dir);
}

/* The interface of a virtio NIC belongs to a device of the virtio bus below it. */
static void
read_interface(const char *root, struct tide_nic *nic)
{
	char path[PATH_MAX - 256], below[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	if (snprintf(path, sizeof(path), "%s" PCI_DEVICES "/%s", root, nic->address) >=
		(int)sizeof(path))
		return;
	read_interfaces(path, nic);
	dir = nic->interface[0] == '\0' ? opendir(path) : NULL;
	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		if (strncmp(entry->d_name, "virtio", strlen("virtio")) != 0 ||
			snprintf(below, sizeof(below), "%s/%s", path, entry->d_name) >=
				(int)sizeof(below))
			continue;
		read_interfaces(below, nic);
	}
	closedir(dir);
}

static void
read_nic(const struct tide_topology *topo, const char *root, const char *address,
	struct tide_nic *nic)
{
	memset(nic, 0, sizeof(*nic));
	copy_name(nic->address, sizeof(nic->address), address);
	nic->vendor = (uint16_t)read_hex(root, address, "vendor");
	nic->device = (uint16_t)read_hex(root, address, "device");
	read_driver(root, nic);
	read_interface(root, nic);
	nic->node = tidei_pci_node(topo, root, address, &nic->source);
}

unsigned int
tidei_nics_read(
	const struct tide_topology *topo, const char *root, struct tide_nic *nics, unsigned int max)
{
	struct dirent **entries;
	char path[PATH_MAX];
	unsigned int found = 0;
	int n;

	if (snprintf(path, sizeof(path), "%s" PCI_DEVICES, root) >= (int)sizeof(path))
		return 0;
	n = scandir(path, &entries, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		if (read_hex(root, entries[i]->d_name, "class") >> 16 == CLASS_NETWORK) {
			if (found < max)
				read_nic(topo, root, entries[i]->d_name, &nics[found]);
			found++;
		}
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return found;
}

unsigned int
tide_nics_read(const struct tide_topology *topo, struct tide_nic *nics, unsigned int max)
{
	return tidei_nics_read(topo, "", nics, max);
}
