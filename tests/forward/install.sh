#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# install.sh: what `make install` puts down is complete: the example of README.md builds against it by
# pkg-config and runs, the installed plugin loads, the installed forwarder starts.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

have meson && have pkg-config && have cc || skip "needs meson, pkg-config and cc"
meson install -C "$build" --no-rebuild --destdir "$work/root" >"$work/install.out" 2>&1 ||
	broken "meson install failed"
pc=$(find "$work/root" -name tidepool.pc)
[ -n "$pc" ] || broken "no tidepool.pc was installed"
# As if the prefix were the root of the file system we may write to.
usr=${pc%/pkgconfig/*}
sed -i "s|^prefix=|prefix=$work/root|" "${pc%/*}"/*.pc
export PKG_CONFIG_PATH=${pc%/*} LD_LIBRARY_PATH=$usr

awk '/^```c$/ { inside = 1; next } /^```/ { inside = 0 } inside' "$root/README.md" >"$work/app.c"
[ -s "$work/app.c" ] || broken "README.md has no example in C"
# shellcheck disable=SC2046
cc -Wall -Wextra -Werror -o "$work/app" "$work/app.c" $(pkg-config --cflags --libs tidepool) \
	>"$work/cc.out" 2>&1 || broken "the example of README.md does not compile"

# With a static DPDK it must be the archive: the shared library would bring DPDK a second time.
case $(pkg-config --static --libs tidepool) in
*--whole-archive,-Bstatic*-ltidepool*-Bdynamic,--no-whole-archive*) ;;
*) broken "pkg-config --static does not link the archive" ;;
esac

# A program that names the mempool ops and calls nothing gets the library all the same.
echo 'int main(void) { return 0; }' >"$work/name.c"
# shellcheck disable=SC2046
cc -o "$work/name" "$work/name.c" -Wl,--as-needed $(pkg-config --libs tidepool) >"$work/cc.out" 2>&1 ||
	broken "a program that calls nothing does not link"
readelf -d "$work/name" | grep -q libtidepool || broken "the linker dropped the library"

eal_on nohuge "$prefix" 64
"$work/app" --lcores "$(lcores 1)" "${eal_args[@]}" --vdev=net_null0 >"$work/app.out" \
	2>"$work/app.err" || broken "the example of README.md does not run"
file_says "$work/app.out" 'rx_node[0-9]+: 8192 buffers' || broken "the example shows no pool"

# The prefix asked for counts in a build folder that was set up with another.
make -n -C "$root" install PREFIX=/opt/elsewhere BUILD="$build" >"$work/make.out" 2>&1 &&
	file_says "$work/make.out" "--prefix='/opt/elsewhere'" || broken "make install passes over PREFIX"

make -n -C "$root" install DRIVERDIR=/opt/drivers BUILD="$build" >"$work/make.out" 2>&1 &&
	file_says "$work/make.out" "-Ddriverdir='/opt/drivers'" || broken "make install passes over DRIVERDIR"

for header in "$work"/root/usr/local/include/tide/*.h "$work"/root/*/include/tide/*.h; do
	[ -e "$header" ] || continue
	echo "#include <${header##*/}>" >"$work/one.c"
	# shellcheck disable=SC2046
	cc -Wall -Wextra -Werror -c -o "$work/one.o" "$work/one.c" $(pkg-config --cflags tidepool) \
		>"$work/cc.out" 2>&1 || broken "${header##*/} does not compile alone"
done

"$(find "$work/root" -name tide-fwd)" --version >"$work/version.out" 2>&1 ||
	broken "the installed tide-fwd does not start"
file_says "$work/version.out" "^tide-fwd [0-9]" || broken "tide-fwd does not tell its version"
"$(find "$work/root" -name tide-buffer-pool)" --lcores "$(lcores 2)" "${eal_args[@]}" >"$work/pool.out" \
	2>"$work/pool.err" || broken "the installed tide-buffer-pool does not run"
if have dpdk-test; then
	plugin=$(find "$work/root" -name librte_mempool_tide.so)
	safe_plugin
	timeout -k 5 60 dpdk-test -d "$plugin" --lcores "$(lcores 1)" "${eal_args[@]}" \
		--mbuf-pool-ops-name=tide >"$work/test.out" 2>&1 <<<quit ||
		broken "the installed plugin does not load"
fi
passed
