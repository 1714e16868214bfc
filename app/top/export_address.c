/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Parses the address of the exporter. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"

static int
parse_port(const char *text, in_port_t *port)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number < 1 ||
		number > 65535)
		return -1;
	*port = htons((uint16_t)number);
	return 0;
}

static int
parse_host(char *host, in_port_t port, struct top_address *address)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = port};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = port};
	size_t len = strlen(host);

	if (host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		if (inet_pton(AF_INET6, host + 1, &v6.sin6_addr) != 1)
			return -1;
		memcpy(&address->address, &v6, sizeof(v6));
		address->len = sizeof(v6);
		return 0;
	}
	if (inet_pton(AF_INET, host, &v4.sin_addr) != 1)
		return -1;
	memcpy(&address->address, &v4, sizeof(v4));
	address->len = sizeof(v4);
	return 0;
}

int
top_address_parse(const char *text, struct top_address *address, char *reason, size_t len)
{
	const char *colon = strrchr(text, ':'), *port_text = colon != NULL ? colon + 1 : text;
	char host[INET6_ADDRSTRLEN + 3] = "127.0.0.1";
	in_port_t port;

	if (parse_port(port_text, &port) < 0) {
		snprintf(reason, len, "the port is no number from 1 to 65535");
		return -1;
	}
	if (colon != NULL)
		snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
	if (parse_host(host, port, address) < 0) {
		snprintf(reason, len,
			"not an IP address; give one such as 0.0.0.0:9464 or [::1]:9464, or "
			"the port alone");
		return -1;
	}
	return 0;
}
