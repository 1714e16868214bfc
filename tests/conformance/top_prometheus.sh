#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# top_prometheus.sh: a real Prometheus scrapes tide-top, which observes a dpdk-testpmd, unchanged, with the plugin; and
# promtool finds nothing to complain about. config/install-deps.sh prometheus installs both.

set -- tide
. "$(dirname "${BASH_SOURCE[0]}")/looped.sh"

for program in prometheus promtool; do
	have $program || skip "no $program: config/install-deps.sh prometheus"
done
top=$build/app/tide-top

# free_ports: print two TCP ports that are free.
free_ports() {
	$python -c '
import socket
sockets = [socket.socket() for _ in range(2)]
for s in sockets:
    s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))'
}

# fetch URL: print what is at a URL.
fetch() {
	$python -c 'import sys, urllib.request; sys.stdout.write(urllib.request.urlopen(sys.argv[1], timeout=5).read().decode())' "$1"
}

# query EXPRESSION: print the value of a query to Prometheus; nothing while there is none.
query() {
	fetch "http://127.0.0.1:$prometheus/api/v1/query?query=$1" 2>>"$work/query.err" | $python -c '
import json, sys
results = json.load(sys.stdin)["data"]["result"]
print(*(r["value"][1] for r in results))' 2>>"$work/query.err"
}

is_scraped() {
	[ "$(query "$1")" = "$2" ]
}

testpmd_starts
packets_circulate
read -r exporter prometheus < <(free_ports)
"$top" --prometheus "$exporter" --prefix "$prefix" >"$work/exporter.out" 2>&1 &
pid_exporter=$!
defer "reap $pid_exporter"
is_served() {
	fetch "http://127.0.0.1:$exporter/metrics" >"$work/metrics.out" 2>/dev/null
}
within 10 is_served || broken "tide-top does not serve metrics"
promtool check metrics <"$work/metrics.out" >"$work/promtool.out" 2>&1 || broken "promtool complains"
[ ! -s "$work/promtool.out" ] || broken "promtool complains"
# promtool takes a metric without a type, and two figures of one series.
for line in '# TYPE tide_pool_in_use gauge' '# TYPE tide_pool_failures_total counter'; do
	file_says "$work/metrics.out" "^$line\$" || broken "the metrics do not say \"$line\""
done
twice=$(sed '/^#/d; s/ [^ ]*$//' "$work/metrics.out" | sort | uniq -d)
[ -z "$twice" ] || broken "two figures are of $twice"

cat >"$work/prometheus.yml" <<-END
	global: {scrape_interval: 1s, scrape_timeout: 1s}
	scrape_configs: [{job_name: tide, static_configs: [{targets: ['127.0.0.1:$exporter']}]}]
END
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/tsdb" \
	--web.listen-address="127.0.0.1:$prometheus" >"$work/prometheus.out" 2>&1 &
pid_prometheus=$!
defer "reap $pid_prometheus"
pool="{pool=\"mb_pool_0\",program=\"dpdk-testpmd\",prefix=\"$prefix\"}"
within 20 is_scraped "tide_pool_in_use$pool" 256 || broken "Prometheus has no tide_pool_in_use of 256"
is_scraped "tide_pool_size$pool" 4096 || broken "Prometheus has no tide_pool_size of 4096"
is_scraped tide_process_up 1 || broken "Prometheus does not see the program up"
moves() {
	[ "$(query "rate(tide_port_rx_total%7Bport=\"0\"%7D%5B10s%5D)%3Ebool%201000")" = 1 ]
}
within 10 moves || broken "Prometheus computes no rate of received packets"

# The program ends, and tide-top waits for the next.
tell stop
tell quit
ends testpmd 20 0
is_gone() {
	[ -z "$(query "tide_pool_in_use$pool")" ]
}
within 10 is_gone || broken "the pool of a program that ended is still scraped"
is_scraped up 1 || broken "tide-top is not scraped when no program runs"
kill $pid_exporter
ends exporter 5 0
[ ! -s "$work/exporter.out" ] || broken "tide-top printed something"
passed
