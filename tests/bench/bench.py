#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""Runs tide-bench for a few milliseconds per measurement and looks at what it says. No speed is judged.

bench.py CASE TIDE_BENCH WRONG_OPS WRONG_HEAP: CASE is one of the functions below; exit code 77 is "skipped".
"""

import contextlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

MB = 300
RUNTIME = "/var/run/dpdk" if os.geteuid() == 0 else os.environ.get("XDG_RUNTIME_DIR", "/tmp") + "/dpdk"


def lcores():
    cpus = sorted(os.sched_getaffinity(0))
    return f"0@{cpus[0]},1@{cpus[-1]}"


class Run:
    """One run of tide-bench without huge pages; leaves nothing behind."""

    def __init__(self, program, *args, eal=(), env=None, on=None):
        prefix = f"tide_bench_{os.getpid()}"
        command = [program, "--no-huge", "--no-shconf", "--no-pci", "--no-telemetry", "-m", str(MB)]
        command += ["--lcores", on or lcores(), "--file-prefix", prefix, "--log-level=*:error", *eal]
        try:
            done = subprocess.run(command + ["--", *args], stdout=subprocess.PIPE, text=True,
                                  stderr=subprocess.PIPE, env={**os.environ, **(env or {})},
                                  timeout=60)
        finally:
            shutil.rmtree(f"{RUNTIME}/{prefix}", ignore_errors=True)
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def expect(self, condition, claim):
        if not condition:
            print(self.out)
            print(self.err)
            sys.exit(f"not so: {claim} (exit code {self.code})")


def below_world_writable(path):
    while path != "/":
        path = os.path.dirname(path)
        if os.stat(path).st_mode & 0o002:
            return True
    return False


@contextlib.contextmanager
def safe(plugin):
    """The plugin at a place EAL takes it from: a copy in the home directory when built below /tmp."""
    plugin = os.path.realpath(plugin)
    if not below_world_writable(plugin):
        yield plugin
        return
    with tempfile.TemporaryDirectory(prefix=".tide.", dir=os.path.expanduser("~")) as directory:
        copy = shutil.copy(plugin, directory)
        if below_world_writable(copy):
            print("EAL takes no plugin below a world-writable directory, as the home directory is too")
            sys.exit(77)
        yield copy


def scenarios(program, _):
    """Every scenario runs, and table, JSON and plots hold every candidate."""
    with tempfile.TemporaryDirectory() as directory:
        path, plots = f"{directory}/b.json", f"{directory}/plots"
        run = Run(program, "all", "--rounds", "3", "--time", "3", "--ops", "tide,ring_mp_mc",
                  "--sizes", "4095,16383", "--buffers", "8191", "--json", path, "--plot", plots)
        run.expect(run.code == 0, "all scenarios end well")
        with open(path) as f:
            data = json.load(f)
        listed = Run(program, "--list", "--ops", "tide").out.split("mempool ops:")[0]
        wanted = set(re.findall(r"^  (\w+)  +\w", listed, re.M))
        run.expect({r["scenario"] for r in data["results"]} == wanted, "each scenario has results")
        for result in data["results"]:
            look_at(run, result)
        run.expect({b["verdict"] for b in data["targets"]} <= {"reached", "missed", "not measured"},
                   "each target has a verdict")
        run.expect(any("figure" in b for b in data["targets"]), "targets have figures")
        run.expect(not any("written" in b.get("label", "") for b in data["targets"]),
                   "no target is about arenas that are written to")
        run.expect(all("figure" in b for b in data["targets"] if b["scenario"] == "arena"),
                   "each target of arena finds its workload")
        names = os.listdir(plots)
        run.expect({"sweep-cache-0.dat", "oversubscribed-cache-64.gp", "spread-16383-cache-0.dat",
                    "spread-16383-cache-256.gp", "tail-64-free-aged-16383.dat"} <= set(names),
                   "plots are written")
        look_at_spread(run, data, plots)
        look_at_tail(run, data, plots)
        if shutil.which("gnuplot"):
            empty = [n for n in names if n.endswith(".gp")
                     and os.path.getsize(f"{plots}/{n[:-3]}.svg") == 0]
            run.expect(not empty, "gnuplot draws every script")


# What is compared, the subject first, where it is not ops.
OWN = {
    "hold": ["tide_pktbuf", "plain"],
    "copy": ["tide_pktbuf", "rte_pktmbuf_copy", "held_as_is"],
}


def look_at(run, result):
    where = f"{result['scenario']}, {result['label']}"
    exact = result["scenario"] in ("memory", "hold")
    names = {c["name"] for c in result["candidates"]}
    own = OWN.get(result["scenario"], ["tide", "ring_mp_mc"])
    bare = exact or result["scenario"] == "tail" or result["scenario"] in OWN
    baseline = set() if bare else {"baseline"}
    if result["scenario"] == "arena":
        look_at_guests(run, result, where, names)
    else:
        run.expect(names == set(own) | baseline, f"{where}: each candidate is there, not {names}")
        run.expect(result["best_peer"] in own[1:], f"{where}: the best is a peer")
    for c in result["candidates"]:
        run.expect("wrong" not in c, f"{where}: {c['name']} is right")
        run.expect(len(c["samples"]) == (1 if exact else 3), f"{where}: a sample per round")
        # Half of the timed gets can take less than reading the clock does.
        run.expect(min(c["samples"]) > 0 or (result["scenario"] == "tail" and c["longest"] > 0),
                   f"{where}: {c['name']} has figures")
        run.expect(c["min"] <= c["median"] <= c["max"], f"{where}: the median lies between")
        run.expect(result["scenario"] != "oversubscribed" or "stall_ms" in c, f"{where}: stalls are there")
        run.expect(f"  {c['name']} " in run.out, f"{where}: the table has {c['name']}")


def table_of(path):
    """The rows of a plot by their first column, each with its figures."""
    with open(path) as f:
        lines = [shlex.split(line) for line in f]
    return {row[0]: dict(zip(lines[0][1:], row[1:])) for row in lines[1:]}


def look_at_spread(run, data, plots):
    labels = {r["label"] for r in data["results"] if r["scenario"] == "spread"}
    rows = table_of(f"{plots}/spread-16383-cache-0.dat")
    for kind in ("1 lcore, 2 queues of 512", "1 lcore, 8 queues of 512", "1 lcore, 16 deep queues",
                 "1 lcore, random, half held", "1 lcore, random, 9 of 10 held",
                 "2 lcores, 8 queues", "2 lcores, 16 queues"):
        for cache in (0, 256):
            run.expect(f"{kind}, 16383, cache {cache}" in labels, f"spread has {kind}, {cache}")
        run.expect({"baseline", "ring_mp_mc", "tide"} <= set(rows[kind]), f"the plot has {kind}")
    judged = {b.get("label") for b in data["targets"] if b["scenario"] == "spread"}
    run.expect(judged == labels, "each workload of spread has its target")
    machine = data["machine"]
    run.expect(machine["clock_cycles"] > 0, "the clock costs something")
    run.expect(f"subtract {machine['clock_cycles']} cycles" in run.out, "and the run says what")


def look_at_tail(run, data, plots):
    results = [r for r in data["results"] if r["scenario"] == "tail"]
    for result in results:
        for c in result["candidates"]:
            where = f"tail, {result['label']}: {c['name']}"
            run.expect(c["median"] <= c["p99"] <= c["p999"] <= c["longest"], f"{where}: in order")
    labels = {r["label"] for r in results}
    run.expect({f"{a}, {b}, 16383" for a in ("full", "64 free") for b in ("fresh", "aged")} <= labels,
               "tail has full and short, fresh and aged pools")
    rows = table_of(f"{plots}/tail-64-free-aged-16383.dat")
    run.expect(list(rows) == ["median", "p99", "p99.9", "longest"], "the plot has percentiles")
    run.expect(float(rows["longest"]["tide"]) > 0, "the plot has figures")


def ledger(program, _):
    """The targets are those of the ledger that the tide ops have, and the run says which it is."""
    limit = {}
    for mode in ("full", "sampled", "off"):
        with tempfile.TemporaryDirectory() as directory:
            run = Run(program, "bulk", "--rounds", "1", "--time", "1", "--cache", "0", "--ops",
                      "tide,ring_sp_sc,stack", "--json", f"{directory}/b.json", env={"TIDE_LEDGER": mode})
            run.expect(run.code == 0, f"{mode}: the run ends well")
            with open(f"{directory}/b.json") as f:
                data = json.load(f)
        run.expect(data["machine"]["ledger"] == mode, f"{mode}: it is read from a pool")
        run.expect(f"ledger of the tide ops: {mode};" in run.out, f"{mode}: the run says so")
        run.expect(data["results"][0]["best_peer"] == "stack",
                   f"{mode}: tide is compared with what any thread may use")
        limit[mode] = [b["at_most"] for b in data["targets"]]
    run.expect(limit == {"full": [1.5], "sampled": [], "off": [0.8]}, f"targets differ: {limit}")


def look_at_guests(run, result, where, names):
    if result["unit"] == "microseconds":
        run.expect(names == {"tide_arena"} and "best_peer" not in result, f"{where}: it is alone")
        return
    may = {"jemalloc", "mimalloc"}
    must = {"baseline", "tide_arena", "shared_bump", "tide_bump", "glibc", "rte_malloc"}
    run.expect(must <= names <= must | may, f"{where}: each candidate is there, not {names}")
    run.expect(result["best_peer"] in may | {"glibc", "rte_malloc"},
               f"{where}: general allocators are the peers")


def proof(program, plugin):
    """Ops that lose a buffer, or hand one out twice, are detected and win nothing."""
    said = {"lose": "counts 8190 free buffers of 8191", "twice": "handed one buffer out twice"}
    for how, sentence in said.items():
        with tempfile.TemporaryDirectory() as directory:
            run = Run(program, "bulk", "--rounds", "2", "--time", "50", "--cache", "0", "--ops",
                      "wrong,stack", "--json", f"{directory}/b.json", eal=["-d", plugin],
                      env={"TIDE_TEST_WRONG": how})
            with open(f"{directory}/b.json") as f:
                result = json.load(f)["results"][0]
        row = {c["name"]: c for c in result["candidates"]}
        run.expect(sentence in row["wrong"].get("wrong", ""), f"{how}: it is detected")
        run.expect(run.code == 1 and sentence in run.err, f"{how}: the run fails and says so")
        run.expect(result["best_peer"] == "stack", f"{how}: it is no peer")
        run.expect("median" in row["stack"], f"{how}: the others are still measured")


def trial(program, plugin):
    """Ops that crash, end the process or hang are left out with the reason, and nothing else is."""
    said = {"crash": "it crashed (Aborted)", "exit": "it ended the process",
            "hang": "it did not return"}
    for how, sentence in said.items():
        run = Run(program, "bulk", "--rounds", "1", "--time", "1", "--ops", "wrong,stack",
                  eal=["-d", plugin], env={"TIDE_TEST_WRONG": how})
        run.expect(run.code == 0, f"{how}: the run goes on")
        run.expect(f"note: wrong is left out: {sentence}" in run.out, f"{how}: the reason is given")
        run.expect("  stack " in run.out, f"{how}: others are measured")
    run = Run(program, "bulk", "--ops", "wrong", eal=["-d", plugin], env={"TIDE_TEST_WRONG": "crash"})
    run.expect(run.code == 1 and "no mempool ops are left" in run.err, "nothing left is an error")


def arena(program, _):
    """A heap that hands bytes out twice is detected; one that does not load, or lcores that are not
    there, leave the others measured."""
    quick = ["arena", "--rounds", "1", "--time", "1"]
    for how, sentence in {"twice": "mimalloc: handed out bytes twice",
                          "odd": "which is NULL or not aligned"}.items():
        with tempfile.TemporaryDirectory() as directory:
            shutil.copy(sys.argv[4], f"{directory}/libmimalloc.so.2")
            run = Run(program, *quick, "--json", f"{directory}/b.json",
                      env={"LD_LIBRARY_PATH": directory, "TIDE_TEST_WRONG": how})
            with open(f"{directory}/b.json") as f:
                result = json.load(f)["results"][0]
        row = {c["name"]: c for c in result["candidates"]}
        run.expect(sentence in row["mimalloc"].get("wrong", ""), f"{how}: it is detected")
        run.expect(run.code == 1 and sentence in run.err, f"{how}: the run fails and says so")
        run.expect(result["best_peer"] != "mimalloc", f"{how}: it is no peer")
        run.expect("median" in row["glibc"], f"{how}: the others are still measured")
    with tempfile.TemporaryDirectory() as directory:
        with open(f"{directory}/libmimalloc.so.2", "w") as f:
            f.write("no library")
        run = Run(program, *quick, on="0", env={"LD_LIBRARY_PATH": directory})
    run.expect(run.code == 0, "the run goes on")
    run.expect("note: mimalloc is left out: " in run.out, "a heap that does not load is named")
    run.expect("note: arena, 64 bytes, 2 threads: left out: EAL has too few lcores" in run.out,
               "what needs two lcores is named")
    run.expect("  64 bytes, 1 thread; " in run.out, "what needs one is measured")
    run.expect("ring_mp_mc" not in run.out, "mempool ops have no part in it")


def usage(program, _):
    """Each wrong use gives one sentence and exit code 2, a target that cannot be written code 1."""
    quick = ["bulk", "--rounds", "1", "--time", "1", "--ops", "stack", "--cache", "0"]
    for code, word, args in [
            (2, "nosuch", ["nosuch"]), (2, "--rounds", ["--rounds", "0"]), (2, "--nosuch", ["--nosuch"]),
            (2, "nosuch_ops", ["--ops", "nosuch_ops"]),
            (1, "--json", quick + ["--json", "/nosuch/file"]),
            (1, "--plot", quick + ["--plot", "/nosuch/directory"])]:
        run = Run(program, *args)
        run.expect(run.code == code, f"{args}: exit code {code}")
        lines = [line for line in run.err.splitlines() if line.startswith("tide-bench: ")]
        run.expect(len(lines) == 1 and word in lines[0], f"{args}: one sentence names {word}")
        run.expect("targets, on medians" not in run.out, f"{args}: said before anything is measured")
    run = Run(program, eal=["bulk"])
    run.expect(run.code == 2 and "'bulk' is no EAL argument" in run.err, "words before -- are refused")
    for wrong in "--nosuch", "--vdev=nosuch0":
        run = Run(program, "bulk", eal=[wrong])
        run.expect(run.code == 2 and "EAL did not start" in run.err, f"{wrong} is wrong use")
    run = Run(program, "sweep", "--sizes", "4095,50000000", "--rounds", "1", "--time", "1", "--ops",
              "stack", "--cache", "0")
    run.expect(run.code == 0 and "no memory for 50000000 buffers" in run.out,
               "sizes beyond memory are left out, and a note says so")
    run = Run(program, "--help")
    run.expect(run.code == 0 and "usage: tide-bench" in run.out, "--help helps")
    run.expect(all(len(line) <= 80 for line in run.out.splitlines()), "--help fits into 80 columns")
    with open("/dev/full", "w") as full:
        code = subprocess.run([program, "--help"], stdout=full, stderr=subprocess.DEVNULL).returncode
    run.expect(code == 1, "output that cannot be written is an error")


CASES = {f.__name__: f for f in (scenarios, proof, trial, arena, usage, ledger)}
with safe(sys.argv[3]) as safe_plugin:
    CASES[sys.argv[1]](os.path.abspath(sys.argv[2]), safe_plugin)
