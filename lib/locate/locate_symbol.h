/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef LOCATE_SYMBOL_H
#define LOCATE_SYMBOL_H

/* Names variables in data segments by the symbol tables of their files. */

#include "locate_layout.h"
#include "locate_places.h"

/* Return the place of an address in a data segment: file and variable, or file and offset without a symbol. */
uint32_t tidei_symbol_place(struct tidei_places *p, struct tidei_span *segment, uintptr_t address);

#endif /* LOCATE_SYMBOL_H */
