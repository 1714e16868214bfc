/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_TELEMETRY_H
#define TIDE_TELEMETRY_H

/**
 * @file
 * One table of metrics, which every output walks: screens, lines, JSON, telemetry endpoints.
 *
 * A metric is a figure about one thing of a scope, such as a pool or a port. An output takes a
 * sample of the thing and walks the metrics of its scope; it prints names, units and help of the
 * table and has none of its own. A new metric is one entry in metrics.c, and each output has it.
 *
 * This part prints nothing. The table is constant, so any thread may read it. Each sample belongs
 * to its caller.
 *
 * An example:
 * @include telemetry.c
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "tide_arena.h"
#include "tide_mempool.h"
#include "tide_pool_query.h"
#include "tide_region.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** What a metric is about. The comment names the type of its samples. */
enum tide_metric_scope {
	TIDE_SCOPE_PROCESS, /**< The whole program: struct tide_process_sample. */
	TIDE_SCOPE_PORT, /**< One port: struct tide_port_sample. */
	TIDE_SCOPE_LCORE, /**< One lcore: struct tide_lcore_sample. */
	TIDE_SCOPE_POOL, /**< One mempool: struct tide_pool_sample. */
	TIDE_SCOPE_ARENA, /**< An arena on one node: struct tide_arena_stats. */
	TIDE_SCOPE_FLOWS, /**< Flows of one interval: struct tide_flows_sample. */
	TIDE_NB_SCOPES, /**< Number of scopes. */
};

/** How a metric moves. */
enum tide_metric_kind {
	TIDE_METRIC_COUNTER, /**< It only grows while the thing exists. */
	TIDE_METRIC_GAUGE, /**< It goes up and down. */
};

/** Whether a value is there. */
enum tide_metric_state {
	TIDE_METRIC_KNOWN, /**< The value holds a figure. */
	TIDE_METRIC_UNKNOWN, /**< The thing has such a figure, but it cannot be read now. */
	TIDE_METRIC_NONE, /**< The thing has no such figure, such as a peak of ops that count none. */
};

/** One figure. */
struct tide_metric_value {
	enum tide_metric_state state; /**< Whether the value is there. */
	bool is_real; /**< The figure is in `real`, else in `count`. */
	uint64_t count; /**< A whole number. */
	double real; /**< A rate or a ratio. */
};

/** The unit of a share between 0 and 1, which people read as percent. */
#define TIDE_UNIT_RATIO "ratio"

/** One entry of the table. */
struct tide_metric {
	enum tide_metric_scope scope; /**< Things that have the metric. */
	/** Lower-case words with '_' between them; unique within scope and group. Every output uses it. */
	const char *name;
	/** Name of the object that holds the metric in structured outputs, such as "drops"; NULL: none. */
	const char *group;
	const char *unit; /**< A plural, such as "packets", or TIDE_UNIT_RATIO. */
	enum tide_metric_kind kind; /**< How the metric moves. */
	bool detail; /**< Outputs with little room show it last. */
	const char *help; /**< One sentence. */
	/** Read the figure; NULL: it is the field of the sample that `at` and `size` describe. */
	struct tide_metric_value (*get)(const void *sample);
	size_t at; /**< Offset of the field in the sample, bytes. */
	size_t size; /**< Bytes of the field: 4 or 8, an unsigned whole number. */
};

/** In a 64-bit field of a sample: the thing has no such figure. */
#define TIDE_COUNT_NONE UINT64_MAX

/** In a 64-bit field of a sample: the figure cannot be read now. */
#define TIDE_COUNT_UNKNOWN (UINT64_MAX - 1)

/** Counters of a port since it was opened. */
struct tide_port_counters {
	uint64_t rx; /**< Packets received. */
	uint64_t tx; /**< Packets sent. */
	uint64_t rx_bytes; /**< 0 where the driver does not count them. */
	uint64_t tx_bytes; /**< 0 where the driver does not count them. */
	uint64_t runts; /**< Packets too short for what the program does to them. */
	uint64_t no_buffer; /**< Packets lost because the pool was empty. */
	uint64_t missed; /**< Packets lost because the receive queue was full. */
	uint64_t tx_full; /**< Packets lost because the transmit queue was full. */
	uint64_t rx_error; /**< Receive errors that the driver counts. */
	uint64_t tx_error; /**< Transmit errors that the driver counts. */
	uint64_t
		malformed; /**< Packets freed because their length is not that of their segments. */
	uint64_t at_stop; /**< Packets freed after the stop. */
};

/** A port over some time. */
struct tide_port_sample {
	struct tide_port_counters now; /**< At the end of the time. */
	struct tide_port_counters before; /**< At its begin; rates are taken from there. */
	uint64_t ns; /**< Nanoseconds between the two; 0: there are no rates. */
};

/** Counters of an lcore since it began. */
struct tide_lcore_counters {
	uint64_t packets; /**< Packets received. */
	uint64_t bursts; /**< Polls that found packets. */
	uint64_t busy; /**< Cycles spent in passes over the queues that found packets. */
};

/** An lcore over some time. */
struct tide_lcore_sample {
	struct tide_lcore_counters now; /**< At the end of the time. */
	struct tide_lcore_counters before; /**< At its begin; ratios are taken from there. */
	uint64_t cycles; /**< Cycles between the two. */
	uint64_t moves; /**< Times the lcore was found on a CPU it was not started on. */
	uint32_t queues; /**< Receive queues that it polls. */
};

/** A mempool of any ops. Fill it with tide_telemetry_pool(), then the placement if it is known. */
struct tide_pool_sample {
	struct tide_pool_stats stats; /**< Counters that each mempool has. */
	bool counts; /**< The ops are tide, and `tide` is filled. */
	struct tide_mempool_stats tide; /**< Counters of the tide ops. */
	const struct tide_placement
		*made; /**< Where the memory was when it was made; NULL: not known. */
	uint64_t kept_by_drivers; /**< Buffers that drivers did not free when their ports closed. */
	uint64_t checks; /**< Checks of the placement. */
	uint64_t moved_pages; /**< Pages that the last check found elsewhere. */
	uint64_t moved_pages_worst; /**< Most pages that a check found elsewhere. */
	uint64_t thp_lost; /**< Bytes that lost their transparent huge pages. */
};

/** Packets and their bytes. */
struct tide_packet_sum {
	uint64_t packets; /**< Packets. */
	uint64_t bytes; /**< Bytes of their frames, without checksums. */
};

/** Flows of one interval. */
struct tide_flows_sample {
	uint64_t flows; /**< Flows. */
	struct tide_packet_sum ip; /**< Packets that were counted for a flow. */
	struct tide_packet_sum not_ip; /**< Packets without a sound IP header. */
	struct tide_packet_sum
		not_accounted; /**< IP packets of flows for which there was no memory. */
};

/** The whole program. */
struct tide_process_sample {
	uint32_t ports_elsewhere; /**< Ports whose buffers are on another node. */
	uint32_t lcores_elsewhere; /**< Lcores that run on another node than planned. */
	uint32_t lcores_stuck; /**< Lcores that did not stop. */
	uint64_t
		pages_elsewhere; /**< Pages of buffers that were made on another node than their pool. */
	uint64_t pages_unknown; /**< Pages of buffers of which the kernel told no node. */
	uint64_t
		reports_lost; /**< Reports that were not written, since no reader took the output. */
};

/**
 * The i-th metric of a scope. MT-safe.
 *
 * Metrics of one group follow each other.
 *
 * @param scope  Scope.
 * @param i      Index, from 0.
 * @return  An entry of the table; NULL when i is out of range or there is no such scope.
 */
const struct tide_metric *tide_telemetry_metric(enum tide_metric_scope scope, unsigned int i);

/** Bytes of the longest name that tide_telemetry_metric_name() writes, with its NUL. */
#define TIDE_METRIC_NAME_MAX 64

/**
 * Write the name of a metric for outputs without objects: its group, if it has one, '_' and its name. MT-safe.
 *
 * @param metric  Entry of the table; not NULL.
 * @param name    Where to write the name; not NULL.
 */
void tide_telemetry_metric_name(const struct tide_metric *metric, char name[TIDE_METRIC_NAME_MAX]);

/**
 * Name a scope: "process", "port", "lcore", "pool", "arena" or "flows". MT-safe.
 *
 * @param scope  Scope.
 * @return  A constant string; NULL when there is no such scope.
 */
const char *tide_telemetry_scope_name(enum tide_metric_scope scope);

/**
 * Read a metric of a sample. MT-safe.
 *
 * @param metric  Entry of the table; not NULL.
 * @param sample  Sample of the type that the scope of the metric names; not NULL.
 * @return  The value; a figure that is unknown or missing is 0.
 */
struct tide_metric_value tide_telemetry_read(const struct tide_metric *metric, const void *sample);

/**
 * Take a sample of one member of a pool set, without its placement checks. MT-safe.
 *
 * Takes no buffer and no lock. Walks magazines and caches, so it is not for the data path.
 *
 * @param pool    Pool set; not NULL.
 * @param node    Node id as the kernel numbers it.
 * @param sample  Where to store the sample; written only on success.
 * @return
 *   - 0: *sample is filled; the fields that the caller knows better, from kept_by_drivers on, are 0.
 *   - -ENOENT: the set has no member on this node.
 */
int tide_telemetry_pool(const struct tide_pool *pool, int node, struct tide_pool_sample *sample);

/**
 * Take a sample of a mempool of any ops. MT-safe.
 *
 * The call takes no buffer and no lock. It walks magazines and caches, so it is not for the data path. The
 * figures that only a pool set or its program knows are TIDE_COUNT_NONE: spills, moved pages, buffers that
 * drivers kept.
 *
 * @param mp      Mempool, which no thread frees meanwhile; not NULL.
 * @param sample  Where to store the sample; not NULL.
 */
void tide_telemetry_mempool(const struct rte_mempool *mp, struct tide_pool_sample *sample);

/**
 * Take a sample of a published thing. The program writes this function.
 *
 * A thread that serves a client of a socket calls it, or one that calls tide_telemetry_prometheus(); never two at once. It
 * must be short, must not wait for the data path, and must not publish or withdraw anything.
 *
 * @param arg     The argument of tide_telemetry_publish().
 * @param sample  Where to store the sample, of the type of the scope; it holds zeros.
 * @return  true: stored; false: the thing has no figures now, so it is left out.
 */
typedef bool (*tide_telemetry_take)(void *arg, void *sample);

/** Characters of the longest name of a published thing. */
#define TIDE_PUBLISHED_NAME_MAX 31

/**
 * Publish a thing: clients of the telemetry sockets can read its metrics by its name. MT-safe.
 *
 * The endpoints `/tide/arena` and `/tide/flows` answer with it, and tide_telemetry_prometheus() writes it. Each question
 * takes a sample. Withdraw the thing before what the sample is taken from is freed.
 *
 * @param scope  TIDE_SCOPE_ARENA: `take` stores a struct tide_arena_stats, as tide_arena_stats() does. TIDE_SCOPE_FLOWS: a
 *               struct tide_flows_sample.
 * @param name   1 to TIDE_PUBLISHED_NAME_MAX letters, digits and '_'; copied; not NULL.
 * @param take   Takes the samples; not NULL.
 * @param arg    Given to `take`.
 * @return
 *   - 0: published.
 *   - -EINVAL: no thing of this scope can be published, or the name is none.
 *   - -EEXIST: a thing of this scope has the name.
 *   - -ENOMEM: out of memory.
 */
int tide_telemetry_publish(
	enum tide_metric_scope scope, const char *name, tide_telemetry_take take, void *arg);

/**
 * Withdraw a published thing. MT-safe, but not for the data path and not inside a function that takes samples.
 *
 * It waits while a sample is taken, also of another thing. When it returns, `take` is not called for this thing any more.
 * The caller must hold no lock for which a function that takes samples waits.
 *
 * @param scope  Its scope.
 * @param name   Its name; not NULL.
 * @return
 *   - 0: withdrawn.
 *   - -ENOENT: no thing of this scope has the name.
 */
int tide_telemetry_withdraw(enum tide_metric_scope scope, const char *name);

/** A label of a figure in the text format of Prometheus. */
struct tide_metric_label {
	const char *name; /**< Letters, digits and '_'. */
	const char *value; /**< Any UTF-8. */
};

/**
 * Write the lines about a metric that precede its figures in the text format of Prometheus. MT-safe.
 *
 * They are its help and its type. The name there is "tide_", the scope, '_', the name of
 * tide_telemetry_metric_name(), and "_total" for a counter.
 *
 * @param metric  Entry of the table; not NULL.
 * @param out     Stream to write to.
 */
void tide_telemetry_prometheus_head(const struct tide_metric *metric, FILE *out);

/**
 * Write one figure of a metric as a line in the text format of Prometheus. MT-safe.
 *
 * The figures of a metric follow tide_telemetry_prometheus_head() of the same metric, each with other labels.
 *
 * @param metric     Entry of the table; not NULL.
 * @param labels     Labels; may be NULL if there are none.
 * @param nb_labels  Number of labels.
 * @param value      Figure; one that is not known is not written.
 * @param out        Stream to write to.
 */
void tide_telemetry_prometheus_value(const struct tide_metric *metric,
	const struct tide_metric_label *labels, unsigned int nb_labels,
	struct tide_metric_value value, FILE *out);

/**
 * Write the metrics of all mempools of the process, and of what it has published, in the text format of Prometheus. MT-safe.
 *
 * The lines are those of tide_telemetry_prometheus_head() and tide_telemetry_prometheus_value(). The label `pool`
 * has the name of the mempool; those of published things are `arena` and `flows`. Metrics that a mempool does not have are left out. Each mempool is
 * sampled once, so its figures belong together. DPDK's lock of the list of mempools is taken for reading
 * meanwhile, so creating and freeing a mempool wait; it is released before the first line is written.
 *
 * @param out  Stream to write to.
 * @return
 *   - 0: written, as far as the stream took it.
 *   - -ENOMEM: out of memory; nothing was written.
 */
int tide_telemetry_prometheus(FILE *out);

/**
 * Environment variable: "0" requests no telemetry socket.
 *
 * By default each program that has the library or the plugin answers on a socket of its own,
 * `tide_telemetry.PID` in the run-time directory of EAL, even with `--no-telemetry`. It speaks the protocol of DPDK's
 * telemetry. Only processes of the same user and of root can open it, and they can only read. A control thread serves it.
 */
#define TIDE_SOCKET_ENV "TIDE_SOCKET"

/**
 * Return the path of the telemetry socket of this process. MT-safe.
 *
 * The socket is there some milliseconds after rte_eal_init().
 *
 * @return  The path, a constant string; NULL: there is none, or not yet, or no more.
 */
const char *tide_telemetry_socket(void);

/**
 * Close the telemetry socket, end its thread and remove the file. Not MT-safe.
 *
 * It happens by itself when the process exits, and within a second after rte_eal_cleanup(). A program that calls this
 * before can be sure that the thread does not read EAL's memory any more. A scan for a client may still run; it
 * tolerates the end of EAL. There is no way to open the socket again. Call it from one thread, after rte_eal_init().
 */
void tide_telemetry_close(void);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_TELEMETRY_H */
