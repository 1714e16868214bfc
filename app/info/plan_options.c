/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info plan: the options. */

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_pci.h>

#include "option_values.h"
#include "plan.h"

/* Parse "node3", "?" or a PCI address of `len` characters. */
static bool
parse_port(const char *text, size_t len, struct plan_port_request *port)
{
	char name[PCI_PRI_STR_SIZE], *end;
	struct rte_pci_addr addr;
	unsigned long node;

	*port = (struct plan_port_request){.node = TIDE_NODE_UNKNOWN};
	if (len == 0 || len >= sizeof(name))
		return false;
	memcpy(name, text, len);
	name[len] = '\0';
	if (strcmp(name, "?") == 0)
		return true;
	if (strncmp(name, "node", 4) == 0 && isdigit((unsigned char)name[4])) {
		node = strtoul(name + 4, &end, 10);
		port->node = (int)node;
		return *end == '\0' && node < TIDE_NODE_MAX;
	}
	if (rte_pci_addr_parse(name, &addr) != 0)
		return false;
	rte_pci_device_name(&addr, port->address, sizeof(port->address));
	return true;
}

/* Tell whether an earlier port is the same NIC. */
static bool
named_before(const struct plan_request *request, const struct plan_port_request *port)
{
	for (const struct plan_port_request *at = request->port; at < port; at++) {
		if (port->address[0] != '\0' && strcmp(at->address, port->address) == 0)
			return true;
	}
	return false;
}

static int
parse_ports(void *options, const char *value, char *reason, size_t len)
{
	struct plan_request *request = &((struct options *)options)->plan;

	for (request->nb_ports = 0;; value++) {
		struct plan_port_request *port = &request->port[request->nb_ports];
		size_t item = strcspn(value, ",");

		if (request->nb_ports == RTE_DIM(request->port)) {
			snprintf(reason, len, "more than %zu ports", RTE_DIM(request->port));
			return -1;
		}
		if (!parse_port(value, item, port)) {
			snprintf(reason, len,
				"not a list of ports; give PCI addresses, or nodes as in "
				"node0,node0,node1");
			return -1;
		}
		if (named_before(request, port)) {
			snprintf(reason, len, "%s is named twice", port->address);
			return -1;
		}
		request->nb_ports++;
		value += item;
		if (*value == '\0')
			return 0;
	}
}

/* Parse a number of a list of CPUs and go behind it; -1: there is none. */
static long
parse_cpu(const char **at)
{
	char *end;
	long cpu;

	if (!isdigit((unsigned char)**at))
		return -1;
	cpu = strtol(*at, &end, 10);
	*at = end;
	return cpu < RTE_MAX_LCORE ? cpu : -1;
}

static int
parse_cpus(void *options, const char *value, char *reason, size_t len)
{
	struct plan_request *request = &((struct options *)options)->plan;

	memset(request->cpu, 0, sizeof(request->cpu));
	request->nb_cpus = 0;
	for (;; value++) {
		long first = parse_cpu(&value), last = first;

		if (*value == '-') {
			value++;
			last = parse_cpu(&value);
		}
		if (first < 0 || last < first || (*value != ',' && *value != '\0')) {
			snprintf(reason, len, "not a list of CPUs below %d; give one like 2-5,8",
				RTE_MAX_LCORE);
			return -1;
		}
		for (; first <= last; first++) {
			request->nb_cpus += !request->cpu[first];
			request->cpu[first] = true;
		}
		if (*value == '\0')
			return 0;
	}
}

static int
parse_rate(void *options, const char *value, char *reason, size_t len)
{
	struct plan_request *request = &((struct options *)options)->plan;

	return option_rate(&request->pps, &request->bps, value, reason, len);
}

static int
parse_hold(void *options, const char *value, char *reason, size_t len)
{
	return option_time(&((struct options *)options)->plan.hold_us, value, reason, len);
}

static int
parse_page(void *options, const char *value, char *reason, size_t len)
{
	struct plan_request *request = &((struct options *)options)->plan;
	uint64_t size;

	if (option_page(&size, value, reason, len) != 0)
		return -1;
	request->page = size == 0           ? TIDE_PAGE_HUGE
	                : size == 4096      ? TIDE_PAGE_4K
	                : size == (2 << 20) ? TIDE_PAGE_2M
	                                    : TIDE_PAGE_1G;
	return 0;
}

static int
parse_from(void *options, const char *value, char *reason, size_t len)
{
	if (value[0] == '\0') {
		snprintf(reason, len, "empty; give a socket, a PID or a file prefix");
		return -1;
	}
	((struct options *)options)->plan.from = value;
	return 0;
}

static int
parse_driver(void *options, const char *value, char *reason, size_t len)
{
	((struct options *)options)->plan.driver = value;
	return 0;
}

#define FIELD(field) .at = offsetof(struct options, plan.field)

/* clang-format off */
static const struct app_option table[] = {
	{.name = "ports", .arg = "LIST", .parse = parse_ports,
		.help = "Ports, with commas between them: a PCI address, or `node0` for a port on node 0, or `?`.",
		.usual = "the NICs that are bound to vfio-pci or uio, else one port"},
	{.name = "queues", .arg = "N", FIELD(queues), .min = 1, .max = 1024,
		.help = "Receive queues of each port, and as many transmit queues, 1 to 1024.", .usual = "1"},
	{.name = "rx-desc", .arg = "N", FIELD(rx_desc), .min = 1, .max = 65535,
		.help = "Descriptors of a receive queue, 1 to 65535.", .usual = "1024"},
	{.name = "tx-desc", .arg = "N", FIELD(tx_desc), .min = 1, .max = 65535,
		.help = "Descriptors of a transmit queue, 1 to 65535.", .usual = "1024"},
	{.name = "mtu", .arg = "BYTES", FIELD(mtu), .min = 68, .max = 65535,
		.help = "MTU, 68 to 65535; a frame fits one buffer.", .usual = "1500"},
	{.name = "buffer-size", .arg = "BYTES", FIELD(buffer_size), .min = 64, .max = 65535,
		.help = "Bytes of packet in a buffer, 64 to 65535.", .usual = "2048, or a frame of that MTU"},
	{.name = "driver", .arg = "NAME", .parse = parse_driver,
		.help = "DPDK's driver of the ports, such as `net_vmxnet3`: some take more buffers.",
		.usual = "one that takes a buffer per descriptor"},
	{.name = "rate", .arg = "RATE", .parse = parse_rate,
		.help = "Packets per second that each port receives, such as 1.5Mpps, or bits as in 10Gbps.",
		.more = "Only packets that are held count by their rate.", .usual = "0"},
	{.name = "frame", .arg = "BYTES", FIELD(frame), .min = 64, .max = 65535,
		.help = "Bytes of a frame, to make packets of bits, 64 to 65535.",
		.more = "20 more bytes per frame are on the wire. The shortest frame needs most buffers.",
		.usual = "64"},
	{.name = "hold", .arg = "TIME", .parse = parse_hold,
		.help = "Time that the application keeps a packet, such as 200us, 5ms or 1s.",
		.more = "Rate times time is the number of buffers held, by Little's law.", .usual = "0"},
	{.name = "depth", .arg = "N", FIELD(depth), .max = 1 << 27,
		.help = "Buffers in rings between stages, for each port, 0 to 134217728.", .usual = "0"},
	{.name = "burst", .arg = "N", FIELD(burst), .min = 1, .max = 4096,
		.help = "Buffers that an lcore works on at a time, 1 to 4096.", .usual = "32"},
	{.name = "cache", .arg = "N", FIELD(cache), .max = 512,
		.help = "Buffers of the mempool's cache per lcore, 0 to 512.", .usual = "0"},
	{.name = "buffers", .arg = "N", FIELD(buffers), .max = 1 << 27,
		.help = "Buffers per node, if not as many as are needed, 0 to 134217728.", .usual = "0"},
	{.name = "lcores", .arg = "N", FIELD(lcores), .min = 1, .max = RTE_MAX_LCORE,
		.help = "Lcores that poll; the main lcore is one more.", .usual = "one per port"},
	{.name = "cpus", .arg = "LIST", .parse = parse_cpus,
		.help = "CPUs that lcores may be on, such as 2-5,8.", .usual = "all that this process may use"},
	{.name = "page", .arg = "SIZE", .parse = parse_page,
		.help = "Pages of the memory: 2M, 1G or 4K; `huge` means 2M.", .usual = "huge"},
	{.name = "check", FIELD(check),
		.help = "Compare the plan with what the machine has now.", .usual = "no"},
	{.name = "from", .arg = "WHO", .parse = parse_from,
		.help = "Plan for the pools of a running program: a telemetry socket, a PID, or a file prefix.",
		.more = "The program has the plugin or the library. Its rates and the ages of its buffers make a "
			"prediction, and the peak of each pool tells how wrong that is. --rate is then the rate of "
			"all ports together that the pools must serve. --check ends with 1 if a pool is too small.",
		.usual = "none"},
	{.name = "seconds", .arg = "N", FIELD(seconds), .min = 1, .max = 3600,
		.help = "Seconds that the program is observed, 1 to 3600.", .usual = "5"},
	{.name = "margin", .arg = "PERCENT", FIELD(margin), .max = 1000,
		.help = "Buffers beyond the need of the program, 0 to 1000 percent.", .usual = "20"},
	OPTION_JSON,
	OPTION_MACHINE,
};
/* clang-format on */

const struct app_program plan_program = {
	.name = "tide-info plan",
	.usage = "usage: tide-info plan [options]\n"
		 "\n"
		 "Computes how many buffers and bytes an application needs on each node, the\n"
		 "arguments for EAL, and the commands that reserve the huge pages.\n",
	.notes = "exit code: 0 done, or well with --check; 1 failed, wrong with --check, or the\n"
		 "output was not all written; 2 wrong use; 3 not known with --check\n",
	.options = table,
	.nb_options = RTE_DIM(table),
	.help_at = offsetof(struct options, help),
	.version_at = offsetof(struct options, version),
};
