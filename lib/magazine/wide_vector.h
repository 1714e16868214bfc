/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_WIDE_VECTOR_H
#define TIDEI_MAGAZINE_WIDE_VECTOR_H

/*
 * Vectors of the compiler, eight numbers at a time. Private to lib/magazine, for wide_kernel.h.
 *
 * The source that includes wide_kernel.h defines, for its width:
 *   TARGET       the attribute that names the CPU
 *   SET(v)       a bit for each lane that is all ones
 *   ANY(v)       whether any bit of 32 bytes is set
 *   WIDEN(p)     four numbers as 64-bit words
 *   PACK(a, b)   the low halves of eight 64-bit words
 *   MOST(a, b)   the larger number of each lane
 *   LOAD(p)      32 bytes from an address that is a multiple of 4
 *   STORE(p, v)  32 bytes to such an address
 *   PREFETCH(p)  fetches a line for writing
 */

#include <stdbool.h>
#include <stdint.h>

#include "ledger.h"

#define LANES 8
#define RUN   LEDGER_CHUNK /* Objects that are handled together. */
static_assert(RUN <= 32, "a 32-bit word has a bit for each object of a chunk");
#define INLINE TARGET static inline __attribute__((always_inline))

typedef uint32_t numbers_t __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
/* Four pointers or offsets. */
typedef uint64_t half_t __attribute__((vector_size(LANES * 4), aligned(8), may_alias));
/* The same at an address that is only a multiple of 4. */
typedef uint64_t bytes_t __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

static const numbers_t steps = {0, 1, 2, 3, 4, 5, 6, 7};

#endif /* TIDEI_MAGAZINE_WIDE_VECTOR_H */
