#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# handlers.sh PROGRAM: the table of mempool handlers, ours beside DPDK's; ours must pass each claim.

. "$(dirname "${BASH_SOURCE[0]}")/../../support/lib.sh"

safe_plugin
"$1" -d "$plugin" -- --must "$ops" \
	--ops "$ops",ring_mp_mc,ring_mt_rts,ring_mt_hts,stack,lf_stack,bucket ||
	fail "$ops does not pass each claim"
passed
