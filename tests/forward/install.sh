#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# install.sh: what `make install` puts down is complete: the example of README.md builds against it by
# pkg-config and runs, the installed plugin loads, the installed forwarder starts. `make uninstall` leaves
# nothing of it. Libraries go where pkg-config looks, with and without Debian's dpkg-dev.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

have meson && have pkg-config && have cc && have make || skip "needs meson, pkg-config, cc and make"
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

# The plugin that README.md names is there.
named=$(grep -o 'dpdk-testpmd -d [^\\]*' "$root/README.md" | sed 's/^dpdk-testpmd -d //')
[ -n "$named" ] && named=$(eval "echo $named") || broken "README.md names no plugin"
[ -f "$named" ] || broken "README.md names $named, which was not installed"

# The bump pool, by itself: neither built nor linked with anything of DPDK.
awk '/^```c$/ { inside = 1; next } /^```/ { inside = 0 } inside' "$root/doc/bump.md" >"$work/bump.c"
[ -s "$work/bump.c" ] || broken "doc/bump.md has no example in C"
case $(pkg-config --cflags --libs tidebump) in
*dpdk* | *rte_*) broken "pkg-config tidebump asks for DPDK" ;;
esac
if echo '#include <numa.h>' | cc -E - >"$work/cc.out" 2>&1; then
	# shellcheck disable=SC2046
	cc -Wall -Wextra -Werror -o "$work/bump" "$work/bump.c" $(pkg-config --cflags --libs tidebump) -lnuma \
		>"$work/cc.out" 2>&1 || broken "the example of doc/bump.md does not compile"
	! ldd "$work/bump" | grep -q librte || broken "the example of doc/bump.md is linked with DPDK"
	"$work/bump" >"$work/bump.out" 2>&1 || broken "the example of doc/bump.md does not run"
	file_says "$work/bump.out" '^records: [0-9]+ of 1048576 bytes remaining .* 100 flips' ||
		broken "the example of doc/bump.md does not flip"
fi

# With a static DPDK it must be the archive: the shared library would bring DPDK a second time.
case $(pkg-config --static --libs tidepool) in
*--whole-archive,-Bstatic*-ltidepool*-Bdynamic,--no-whole-archive*) ;;
*) broken "pkg-config --static does not link the archive" ;;
esac

# A program that names the mempool ops and calls nothing still gets the library.
echo 'int main(void) { return 0; }' >"$work/name.c"
# shellcheck disable=SC2046
cc -o "$work/name" "$work/name.c" -Wl,--as-needed $(pkg-config --libs tidepool) >"$work/cc.out" 2>&1 ||
	broken "a program that calls nothing does not link"
readelf -d "$work/name" | grep -q libtidepool || broken "the linker dropped the library"

eal_on nohuge "$prefix" 64
"$work/app" --lcores "$(lcores 1)" "${eal_args[@]}" --vdev=net_null0 >"$work/app.out" \
	2>"$work/app.err" || broken "the example of README.md does not run"
file_says "$work/app.out" 'rx_node[0-9]+: 8192 buffers' || broken "the example shows no pool"

# The prefix asked for counts in a build directory that was set up with another.
make -n -C "$root" install PREFIX=/opt/elsewhere BUILD="$build" >"$work/make.out" 2>&1 &&
	file_says "$work/make.out" "--prefix='/opt/elsewhere'" || broken "make install passes over PREFIX"

make -n -C "$root" install DRIVERDIR=/opt/drivers BUILD="$build" >"$work/make.out" 2>&1 &&
	file_says "$work/make.out" "-Ddriverdir='/opt/drivers'" || broken "make install passes over DRIVERDIR"

make -n -C "$root" install LIBDIR=lib/elsewhere BUILD="$build" >"$work/make.out" 2>&1 &&
	file_says "$work/make.out" "--libdir='lib/elsewhere'" || broken "make install passes over LIBDIR"

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

# Nothing of it is left, though a file was gone already; what is not ours stays.
rm "$(find "$work/root" -name tide-fwd)" && touch "$usr/other.so" || broken "tide-fwd is not there"
make -C "$root" uninstall BUILD="$build" DESTDIR="$work/root" >"$work/uninstall.out" 2>&1 ||
	broken "make uninstall failed"
left=$(find "$work/root" ! -type d -o -name tide -o -name dpdk)
[ "$left" = "$usr/other.so" ] || broken "make uninstall left: $left"
make -C "$root" uninstall BUILD="$build" DESTDIR="$work/root" >"$work/uninstall.out" 2>&1 &&
	file_says "$work/uninstall.out" '^0 of [0-9]+ files were there' || broken "it cannot be done twice"

# Debian without dpkg-dev.
triple=$(cc -print-multiarch 2>/dev/null)
if [ -n "$triple" ]; then
	mkdir "$work/bin"
	printf '#!/bin/sh\nexit 127\n' >"$work/bin/dpkg-architecture"
	chmod +x "$work/bin/dpkg-architecture"
	PATH=$work/bin:$PATH make -C "$root" BUILD="$work/bare" "$work/bare/build.ninja" >"$work/bare.out" 2>&1 ||
		broken "a build directory cannot be made without dpkg-architecture"
	meson introspect --installed "$work/bare" | grep -q "/lib/$triple/pkgconfig/tidepool.pc" ||
		broken "without dpkg-architecture libraries do not go to lib/$triple"
	unset PKG_CONFIG_PATH
	pkg-config --variable=pc_path pkg-config | grep -q "/usr/local/lib/$triple/pkgconfig" ||
		broken "pkg-config does not look into /usr/local/lib/$triple"
fi
passed
