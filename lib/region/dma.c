/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Makes a region reachable by devices, and reports its IO addresses. */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memory.h>

#include "region_internal.h"
#include "tide_log.h"

/* The kernel may move transparent and base pages: their physical address can change. */
static bool
pages_stay(const struct tide_region *region)
{
	return region->found.page == TIDE_PAGE_1G || region->found.page == TIDE_PAGE_2M;
}

static rte_iova_t
iova_of(const struct tide_region *region, const void *addr)
{
	const struct rte_memseg *ms;

	if (!tidei_eal_is_up())
		return RTE_BAD_IOVA;
	if (region->mz != NULL) {
		ms = rte_mem_virt2memseg(addr, NULL);
		if (ms != NULL && ms->iova != RTE_BAD_IOVA)
			return ms->iova + RTE_PTR_DIFF(addr, ms->addr);
		return rte_mem_virt2iova(addr);
	}
	if (rte_eal_iova_mode() == RTE_IOVA_VA)
		return (uintptr_t)addr;
	return pages_stay(region) ? rte_mem_virt2iova(addr) : RTE_BAD_IOVA;
}

/* Tells whether one address follows the other, or both are unknown. */
static bool
continues(rte_iova_t iova, size_t len, rte_iova_t next)
{
	if (iova == RTE_BAD_IOVA || next == RTE_BAD_IOVA)
		return iova == next;
	return iova + len == next;
}

int
tide_region_iova_walk(const struct tide_region *region, tide_region_iova_cb cb, void *arg)
{
	size_t page_size = (size_t)region->found.page_size, off = 0, start = 0, step;
	rte_iova_t iova = RTE_BAD_IOVA, next;
	char *addr = region->addr;
	int ret;

	while (off < region->len) {
		next = iova_of(region, addr + off);
		if (off == 0) {
			iova = next;
		} else if (!continues(iova, off - start, next)) {
			ret = cb(addr + start, iova, off - start, arg);
			if (ret < 0)
				return ret;
			start = off;
			iova = next;
		}
		/* The first page may begin before the region. */
		step = page_size - ((uintptr_t)(addr + off) & (page_size - 1));
		off += RTE_MIN(step, region->len - off);
	}
	ret = cb(addr + start, iova, region->len - start, arg);
	return ret < 0 ? ret : 0;
}

static int
register_own(struct tide_region *region)
{
	size_t page_size = (size_t)region->found.page_size, i;
	unsigned int pages = (unsigned int)(region->len / page_size);
	rte_iova_t *iovas = calloc(pages, sizeof(*iovas));
	int ret;

	if (iovas == NULL)
		return -ENOMEM;
	for (i = 0; i < pages; i++)
		iovas[i] = iova_of(region, RTE_PTR_ADD(region->addr, i * page_size));
	ret = rte_extmem_register(region->addr, region->len, iovas, pages, page_size);
	free(iovas);
	if (ret < 0) {
		TIDE_LOG(region, ERR, "%s: rte_extmem_register of %zu bytes: %s", region->name,
			region->len, rte_strerror(rte_errno));
		return rte_errno != 0 ? -rte_errno : -EIO;
	}
	region->registered = true;
	return 0;
}

static bool
is_mapped(const struct tide_region *region, const struct rte_device *dev)
{
	unsigned int i;

	for (i = 0; i < region->nb_dma_devs; i++) {
		if (region->dma_devs[i] == dev)
			return true;
	}
	return false;
}

struct dma_walk {
	struct rte_device *dev;
	size_t done; /* Bytes from the start that are mapped. */
	size_t upto; /* Unmapping: bytes from the start to unmap. */
};

static int
map_stretch(void *addr, uint64_t iova, size_t len, void *arg)
{
	struct dma_walk *walk = arg;

	/* Only virtual devices get here without an IO address; they use virtual addresses. */
	if (iova != RTE_BAD_IOVA && rte_dev_dma_map(walk->dev, addr, iova, len) < 0)
		return rte_errno != 0 ? -rte_errno : -EIO;
	walk->done += len;
	return 0;
}

static int
unmap_stretch(void *addr, uint64_t iova, size_t len, void *arg)
{
	struct dma_walk *walk = arg;

	if (walk->done >= walk->upto)
		return -ECANCELED;
	/* A refusal is ignored: the memory is unmapped in any case. */
	if (iova != RTE_BAD_IOVA)
		rte_dev_dma_unmap(walk->dev, addr, iova, len);
	walk->done += len;
	return 0;
}

static int
map_for(struct tide_region *region, struct rte_device *dev)
{
	struct dma_walk walk = {.dev = dev}, back = {.dev = dev};
	int ret = tide_region_iova_walk(region, map_stretch, &walk);

	if (ret == 0 || ret == -ENOTSUP)
		return ret;
	TIDE_LOG(region, ERR, "%s: cannot DMA-map %zu bytes for device %s: %s", region->name,
		region->len, rte_dev_name(dev), rte_strerror(-ret));
	back.upto = walk.done;
	tide_region_iova_walk(region, unmap_stretch, &back);
	return ret;
}

/* A device that uses physical addresses needs ones that are known and do not change. */
static int
check_physical(const struct tide_region *region, const struct rte_device *dev)
{
	bool virtual = strcmp(rte_bus_name(rte_dev_bus(dev)), "vdev") == 0;

	if (rte_eal_iova_mode() != RTE_IOVA_PA || virtual)
		return 0;
	if (pages_stay(region) && iova_of(region, region->addr) != RTE_BAD_IOVA)
		return 0;
	TIDE_LOG(region, ERR,
		"%s: device %s uses physical addresses, and those of %s pages %s: use huge pages, "
		"EAL memory, or vfio-pci with an IOMMU",
		region->name, rte_dev_name(dev), tide_page_name(region->found.page),
		pages_stay(region) ? "cannot be read without CAP_SYS_ADMIN" : "can change");
	return -ENOTSUP;
}

static int
remember(struct tide_region *region, struct rte_device *dev)
{
	struct rte_device **devs;

	devs = realloc(region->dma_devs, (region->nb_dma_devs + 1) * sizeof(*devs));
	if (devs == NULL)
		return -ENOMEM;
	region->dma_devs = devs;
	devs[region->nb_dma_devs++] = dev;
	return 0;
}

int
tide_region_dma_map(struct tide_region *region, struct rte_device *dev)
{
	int ret;

	if (region->mz != NULL)
		return 0;
	if (!tidei_eal_is_up()) {
		TIDE_LOG(region, ERR, "%s: EAL is not initialised: call rte_eal_init() first",
			region->name);
		return -ENOTSUP;
	}
	if (!region->registered) {
		ret = register_own(region);
		if (ret < 0)
			return ret;
	}
	if (dev == NULL || is_mapped(region, dev))
		return 0;
	ret = check_physical(region, dev);
	if (ret < 0)
		return ret;
	ret = remember(region, dev);
	if (ret < 0)
		return ret;
	ret = map_for(region, dev);
	if (ret < 0)
		region->nb_dma_devs--;
	assert(tidei_region_check(region) == 0);
	/* The bus has no DMA mapping, so the device needs none. */
	return ret == -ENOTSUP ? 0 : ret;
}

void
tidei_dma_undo(struct tide_region *region)
{
	unsigned int i;

	for (i = 0; i < region->nb_dma_devs; i++) {
		struct dma_walk walk = {.dev = region->dma_devs[i], .upto = region->len};

		tide_region_iova_walk(region, unmap_stretch, &walk);
	}
	free(region->dma_devs);
	region->dma_devs = NULL;
	region->nb_dma_devs = 0;
	if (region->registered && rte_extmem_unregister(region->addr, region->len) < 0)
		TIDE_LOG(region, ERR, "%s: rte_extmem_unregister: %s", region->name,
			rte_strerror(rte_errno));
	region->registered = false;
}
