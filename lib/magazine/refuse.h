/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_REFUSE_H
#define TIDEI_MAGAZINE_REFUSE_H

/* Counts misuse and calls the listener. Private to lib/magazine. */

#include "layout.h"

/* Count a refused object and call the listener. l: can be NULL. */
__attribute__((cold, noinline)) static void
refuse(struct tidei_magazines *mags, const struct tidei_listener *l, enum tidei_misuse_kind kind,
	const void *object)
{
	/* Relaxed: a counter. */
	uint64_t before = atomic_fetch_add_explicit(&mags->misuse[kind], 1, memory_order_relaxed);

	if (l != NULL && l->refused != NULL)
		l->refused(&(struct tidei_refusal){kind, object, before + 1}, l->arg);
}

#endif /* TIDEI_MAGAZINE_REFUSE_H */
