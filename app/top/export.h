/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOP_EXPORT_H
#define TOP_EXPORT_H

/* The exporter for Prometheus: programs are asked when they are scraped, and may come and go meanwhile. */

#include <stdio.h>
#include <sys/socket.h>

#include "sample.h"
#include "telemetry_find.h"

struct top_address {
	struct sockaddr_storage address;
	socklen_t len; /* 0: none. */
};

/* Parse "[ADDRESS:]PORT"; an IPv6 address has brackets. 0, or -1 with the reason. */
int top_address_parse(const char *text, struct top_address *address, char *reason, size_t len);

/* A program as it was found and sampled. */
struct top_exported {
	struct app_telemetry_peer peer;
	bool up; /* It answered, and the sample is filled. */
	double started; /* Seconds since 1970; 0: not known. */
	struct top_sample sample;
};

/* What a scrape gets. */
struct top_export {
	struct top_exported *programs;
	int nb;
	char note[1024]; /* A sentence for people about programs that are not there; "": none. */
};

/* Ask the programs of a choice, or all if it names none, together. The caller frees with top_export_fini(). */
void top_export_collect(const struct app_telemetry_choice *choice, struct top_export *export);

void top_export_fini(struct top_export *export);

/* Write the metrics of programs as text for Prometheus. */
void top_export_text(const struct top_export *export, FILE *out);

/* Serve the metrics until a signal. 0, or -1 with err filled. */
int top_export_serve(const struct top_address *address, const struct app_telemetry_choice *choice,
	struct app_error *err);

#endif /* TOP_EXPORT_H */
