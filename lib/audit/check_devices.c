/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds devices whose node is not known. */

#include "audit_internal.h"

void
tidei_check_devices(struct tide_audit *audit, const struct tidei_audit_facts *facts)
{
	TIDEI_LIST_EACH (facts->ports, const struct tidei_audit_port, port) {
		struct tide_audit_finding f =
			AUDIT_FINDING(TIDE_AUDIT_NODE_UNKNOWN, TIDE_AUDIT_WARNING);

		if (port->node != TIDE_NODE_UNKNOWN || port->is_virtual)
			continue;
		f.port = port->id;
		tidei_audit_note(audit, &f,
			tidei_audit_text(
				"the firmware does not state on which node port %u (%s) is, so "
				"DPDK places its memory anywhere",
				f.port, port->device),
			port->is_pci
				? tidei_audit_text(
					  "find the node N of its slot in the manual of the "
					  "mainboard; before the program starts: echo N > "
					  "/sys/bus/pci/devices/%s/numa_node",
					  port->device)
				: tidei_audit_text("find the node of its slot in the manual of the "
						   "mainboard, and run lcores and mempools there"));
	}
}
