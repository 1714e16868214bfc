#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# bad_input.sh: everything a user can get wrong ends with 1 or 2, with one sentence on stderr that names
# it, and with nothing left behind.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

eal_on nohuge "$prefix" 64
eal=(--lcores "$(lcores 2)" "${eal_args[@]}")
null=(--vdev=net_null0 --vdev=net_null1)
program=("$fwd")
cases=0
bad=0

# Complain and go on: one run shows all that is wrong.
wrong() {
	say "WRONG: tide-fwd $* :"
	sed 's/^/    stderr: /' "$work/err"
	sed 's/^/    stdout: /' "$work/out" | tail -n 3
	bad=$((bad + 1))
}

# run CODE REGEX ARGUMENT...: the command line must end with CODE and one sentence that matches.
run() {
	local code=$1 regex=$2 rc lines

	shift 2
	cases=$((cases + 1))
	timeout -k 5 30 "${program[@]}" "$@" >"$work/out" 2>"$work/err" </dev/null
	rc=$?
	lines=$(grep -c '^tide-fwd: ' "$work/err")
	[ $rc -eq "$code" ] || { wrong "$*"; say "    ended with $rc, expected $code"; return; }
	[ "$lines" -eq 1 ] || { wrong "$*"; say "    $lines sentences, expected one"; return; }
	grep -Eq "^tide-fwd: .*($regex)" "$work/err" || { wrong "$*"; say "    expected: $regex"; return; }
	[ ! -e "$(eal_runtime_dir "$prefix")" ] ||
		{ wrong "$*"; say "    left its run-time directory"; rm -rf "$(eal_runtime_dir "$prefix")"; }
}

# usage REGEX OPTION...: wrong use, on two ports; the sentence is all there is.
usage() {
	local regex=$1

	shift
	run 2 "$regex" "${eal[@]}" "${null[@]}" -- --duration 1 "$@"
	[ "$(wc -l <"$work/err")" -eq 1 ] || { wrong "$*"; say "    expected one line on stderr"; }
}

# --- each option: wrong, missing, out of range ----------------------------------------------------

for option in ports portmap mode queues mtu buffer-size promiscuous rx-desc tx-desc burst buffers cache \
	ops page backing port-node pool-node measure-latency stats flows flows-interval flows-memory duration \
	config; do
	usage "--$option.*missing" --$option
done
for option in strict json dry-run screen; do
	usage "--$option.*(on|yes)" --$option=perhaps
done
usage "--promiscuous.*maybe" --promiscuous maybe

for row in queues:1:1024 mtu:68:9702 buffer-size:128:65407 rx-desc:1:65535 tx-desc:1:65535 burst:1:512 \
	cache:0:512 stats:0:86400 flows:0:1000 flows-interval:0:86400 flows-memory:1:65536 \
	duration:0:31536000; do
	IFS=: read -r option low high <<<"$row"
	[ "$low" -eq 0 ] || usage "--$option.*$low to $high" --"$option" $((low - 1))
	for value in $((high + 1)) 99999999999999999999 -1 x 1x 1.5 0x10 ''; do
		usage "--$option.*$low to $high" --"$option" "$value"
	done
done
for value in 0 -1 many 2147483648 ''; do
	usage "--buffers.*1 to" --buffers "$value"
done

usage "--mode 'fast'.*io, mac or macswap" --mode fast
usage "--mode ''" --mode ''
usage "--ops" --ops ''
usage "--ops" --ops 01234567890123456789012345678901
usage "--ops nosuch.*tide" --ops nosuch
usage "--page '3M'.*auto, huge, 1G, 2M" --page 3M
usage "--backing 'mine'.*auto, EAL or own" --backing mine
usage "--measure-latency 'yes'.*auto, on or off" --measure-latency yes
usage "--measure-latency ''" --measure-latency ''
usage "--nosuch.*no such option" --nosuch
usage "no such option" -x
usage "'stray'" stray

# --- ports ----------------------------------------------------------------------------------------

usage "--ports" --ports ''
usage "--ports.*0 is named twice" --ports 0,0
usage "--ports" --ports 1-0
usage "--ports" --ports 0,
usage "--ports" --ports zero
usage "--ports" --ports 0x
usage "--ports.*no bit" --ports 0x0
usage "--ports.*hexadecimal" --ports 0xg
usage "--ports.*0 to" --ports 99
usage "--ports.*0 to" --ports 0x100000000000000000
usage "port 7 does not exist.*0, 1" --ports 0,7
usage "port 2 does not exist.*0, 1" --ports 0x4

usage "--portmap" --portmap '0,1'
usage "--portmap" --portmap '(0,1'
usage "--portmap" --portmap '(0)'
usage "--portmap" --portmap ''
usage "--portmap.*1 is named twice" --portmap '(0,1)(1,2)'
usage "--portmap.*0 is named twice" --portmap '(0,1)(0,0)'
usage "--portmap.*0 to" --portmap '(0,99)'
usage "port 5 does not exist" --portmap '(0,5)'
usage "port 1 .*--ports.*--portmap" --ports 0 --portmap '(0,1)'
usage "port 1 .*--ports.*--portmap" --ports 0,1 --portmap '(0,0)'

for option in port-node pool-node; do
	usage "--$option.*node 1000 does not exist" --$option '(0,1000)'
	usage "--$option.*port 9 is not used" --$option '(9,0)'
	usage "--$option" --$option '(0,99999)'
	usage "--$option" --$option 0
done

# --- sizes that do not go together ----------------------------------------------------------------

usage "--buffers 64.*need [0-9]+ buffers" --buffers 64
$python "$root/tests/support/packets.py" write "$work/in.pcap" 1 1 || broken "no capture"
pcap=(--vdev="net_pcap0,rx_pcap=$work/in.pcap,tx_pcap=$work/out.pcap")
run 2 "--queues 2.*port 0 .*1 receive" "${eal[@]}" "${pcap[@]}" -- --queues 2

# --- the configuration file -----------------------------------------------------------------------

# config REGEX LINE...: a file of these lines.
config() {
	local regex=$1

	shift
	printf '%s\n' "$@" >"$work/tide.conf"
	usage "$work/tide.conf:$regex" --config "$work/tide.conf"
}

config "3:.*colour.*no such option" "mode = io" "" "colour = blue"
config "2:.*burst.*1 to 512" "mode = io" "burst = 0"
config "2:.*mode.*missing" "# comment" "mode ="
config "1:.*=" "mode"
config "2:.*heading" "mode = io" "[other]"
config "3:.*mode.*line 1" "mode = io" "stats = 1" "mode = mac"
config "1:.*config" "config = $work/tide.conf"
usage "$work/none: .*No such file" --config "$work/none"
usage "$work: .*(directory|not a|cannot)" --config "$work"

# --- what the machine does not have ---------------------------------------------------------------

run 1 "no ports.*vdev" "${eal[@]}" --
run 2 "EAL did not start" "${eal[@]}" --no-such-argument --
run 2 "EAL did not start" "${eal[@]}" --iova-mode=none --
run 2 "EAL did not start" "${eal[@]}" --main-lcore 99 --
run 2 "EAL did not start" "${eal[@]}" --vdev=nosuch0 --
run 2 "EAL did not start" "${eal[@]}" -a nosuch --
run 2 "'stray' is no EAL argument" "${eal[@]}" stray --
# Not the arguments: a device that the machine does not have.
run 1 "EAL did not start|net_af_packet0 gives no port" "${eal[@]}" --vdev=net_af_packet0,iface=tidenone --
# One of two would reflect.
run 1 "net_af_packet0 gives no port" "${eal[@]}" --vdev=net_null0 \
	--vdev=net_af_packet0,iface=tidenone -- --dry-run
run 2 "primary.*--proc-type" --lcores "$(lcores 2)" --in-memory --no-pci --proc-type=secondary \
	--file-prefix "$prefix" --
run 1 "no pool of [0-9]+ buffers .*pages 1G.* on node [0-9]+: .*1 GB huge pages, [0-9]+ needed: echo .*1048576kB" "${eal[@]}" "${null[@]}" -- --duration 1 --strict --page 1G
[ "$(grep -c 'huge pages' "$work/err")" -eq 1 ] || { wrong --strict --page 1G; say "    told twice"; }

# A kernel without huge pages: its directories of them are hidden.
mkdir "$work/none.d"
cat >"$work/hidden" <<-EOF
	#!/bin/sh
	for d in /sys/kernel/mm/hugepages $huge_root/node*/hugepages; do
		[ ! -d "\$d" ] || mount --bind "$work/none.d" "\$d" || exit 99
	done
	exec "$fwd" "\$@"
EOF
chmod +x "$work/hidden"
if is_root && unshare --mount true 2>/dev/null; then
	program=(unshare --mount "$work/hidden")
	run 1 "--strict: no pool of [0-9]+ buffers .* on node [0-9]+: .*no 2 MB huge pages, [0-9]+ needed" \
		"${eal[@]}" "${null[@]}" -- --duration 1 --strict
else
	say "not tried, needs root: --strict on a kernel without huge pages"
fi

[ $bad -eq 0 ] || fail "$bad of $cases wrong command lines were not answered as they should be"
say "$cases wrong command lines, each with one sentence and nothing left behind"
passed
