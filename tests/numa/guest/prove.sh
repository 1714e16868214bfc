#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# In the guest: tries the named claims one after another. prove.py reads the lines of its output that start with
# "@".

cd "$(dirname "${BASH_SOURCE[0]}")/../claims" || exit
for claim in "$@"; do
	echo "@try $claim"
	began=${EPOCHREALTIME/./}
	timeout 240 bash "./$claim.sh"
	rc=$?
	echo "@end $claim $rc $(((${EPOCHREALTIME/./} - began) / 1000))"
done
