/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Lists the data segments of the program and its libraries, and names variables in them by ELF's symbol tables. */

#include <elf.h>
#include <fcntl.h>
#include <inttypes.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "locate_survey.h"
#include "locate_symbol.h"

static int
add_segments(struct dl_phdr_info *info, size_t size, void *arg)
{
	const char *file = info->dlpi_name[0] == '\0' ? "/proc/self/exe" : info->dlpi_name;
	struct tidei_layout *l = arg;

	for (unsigned int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
		uintptr_t from = info->dlpi_addr + ph->p_vaddr;
		struct tidei_span *span;

		if (ph->p_type != PT_LOAD || !(ph->p_flags & PF_W))
			continue;
		span = tidei_layout_add(
			l, TIDEI_LAYER_DATA, from, from + ph->p_memsz, TIDE_LOCATE_DATA, file);
		if (span != NULL)
			span->bias = info->dlpi_addr;
	}
	return 0;
}

void
tidei_survey_segments(struct tidei_layout *l)
{
	dl_iterate_phdr(add_segments, l);
	tidei_layout_sort(l, TIDEI_LAYER_DATA);
}

/* A mapped file, and what a search in it found. */
struct image {
	const unsigned char *at;
	size_t size;
	const char *name; /* Variable; NULL: none. */
	uintptr_t from, to; /* Its addresses in the file, or those of the gap between variables. */
};

static bool
open_image(struct image *image, const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *at;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) != 0 || st.st_size < (off_t)sizeof(ElfW(Ehdr))) {
		close(fd);
		return false;
	}
	at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (at == MAP_FAILED)
		return false;
	image->at = at;
	image->size = (size_t)st.st_size;
	return memcmp(at, ELFMAG, SELFMAG) == 0 && image->at[EI_CLASS] == ELFCLASS64;
}

/* Return a part of the file, or NULL if it has no such part. */
static const void *
part(const struct image *image, uint64_t offset, uint64_t size)
{
	return offset > image->size || size > image->size - offset ? NULL : image->at + offset;
}

/* Take a variable into account that is, or is not, at an address. */
static void
consider(struct image *image, const ElfW(Sym) * sym, const char *name, uintptr_t address)
{
	uintptr_t from = sym->st_value, to = from + sym->st_size;

	if (address >= from && address < to) {
		image->name = name;
		image->from = from;
		image->to = to;
	} else if (image->name == NULL && to <= address && to > image->from) {
		image->from = to;
	} else if (image->name == NULL && from > address && from < image->to) {
		image->to = from;
	}
}

static void
search_table(struct image *image, const ElfW(Shdr) * sections, unsigned int nb,
	const ElfW(Shdr) * table, uintptr_t address)
{
	const ElfW(Sym) *sym = part(image, table->sh_offset, table->sh_size);
	const ElfW(Shdr) *strings = table->sh_link < nb ? &sections[table->sh_link] : NULL;
	const char *text =
		strings == NULL ? NULL : part(image, strings->sh_offset, strings->sh_size);

	if (sym == NULL || text == NULL || strings->sh_size == 0 ||
		text[strings->sh_size - 1] != '\0')
		return;
	for (size_t i = 0; i < table->sh_size / sizeof(*sym); i++)
		if (ELF64_ST_TYPE(sym[i].st_info) == STT_OBJECT && sym[i].st_shndx != SHN_UNDEF &&
			sym[i].st_name < strings->sh_size)
			consider(image, &sym[i], text + sym[i].st_name, address);
}

static void
search(struct image *image, uintptr_t address)
{
	const ElfW(Ehdr) *head = part(image, 0, sizeof(*head));
	const ElfW(Shdr) *section =
		part(image, head->e_shoff, (uint64_t)head->e_shnum * sizeof(*section));

	if (section == NULL)
		return;
	for (unsigned int i = 0; i < head->e_shnum && image->name == NULL; i++)
		if (section[i].sh_type == SHT_SYMTAB || section[i].sh_type == SHT_DYNSYM)
			search_table(image, section, head->e_shnum, &section[i], address);
}

static const char *
short_name(const char *file)
{
	const char *slash = strrchr(file, '/');

	if (strcmp(file, "/proc/self/exe") == 0)
		return "the program";
	return slash == NULL ? file : slash + 1;
}

/* Search the file of a segment, and remember what is at the address. */
static void
look_up(struct tidei_places *p, struct tidei_span *segment, uintptr_t address)
{
	struct image image = {.to = segment->to - segment->bias};
	char name[TIDE_LOCATE_NAME_MAX];

	if (open_image(&image, segment->name))
		search(&image, address - segment->bias);
	if (image.name != NULL)
		snprintf(name, sizeof(name), "variable %s of %s", image.name,
			short_name(segment->name));
	else
		snprintf(name, sizeof(name), "data of %s", short_name(segment->name));
	segment->last_from = image.from + segment->bias;
	segment->last_to = image.to + segment->bias;
	segment->last_place = tidei_places_number(p, TIDE_LOCATE_DATA, false, name);
	if (image.at != NULL)
		munmap((void *)(uintptr_t)image.at, image.size);
}

uint32_t
tidei_symbol_place(struct tidei_places *p, struct tidei_span *segment, uintptr_t address)
{
	if (address < segment->last_from || address >= segment->last_to)
		look_up(p, segment, address);
	return segment->last_place;
}
