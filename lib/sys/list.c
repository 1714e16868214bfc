/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* A list that grows. */

#include <stdlib.h>
#include <string.h>

#include "sys_friend.h"

/* Elements that a list has room for at first. */
#define AT_FIRST 8

void *
tidei_list_add(struct tidei_list *list, size_t size)
{
	if (list->nb == list->room) {
		unsigned int room = list->room == 0 ? AT_FIRST : 2 * list->room;
		void *at = realloc(list->at, room * size);

		if (at == NULL)
			return NULL;
		list->at = at;
		list->room = room;
	}
	return memset((char *)list->at + list->nb++ * size, 0, size);
}

void
tidei_list_free(struct tidei_list *list)
{
	free(list->at);
	*list = (struct tidei_list){0};
}
