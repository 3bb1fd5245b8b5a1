# SPDX-License-Identifier: MIT
# The front door: `make help` says what there is.

KERNEL ?= 6.12
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 600
KERNELS := $(shell tests/vm/kernel list)
ALL_KERNELS := $(shell tests/vm/kernel list all)
BINDER_KERNELS := $(shell tests/vm/kernel list binder_linux)
ifeq ($(filter $(KERNEL),$(ALL_KERNELS) $(BINDER_KERNELS) debug),)
$(error KERNEL=$(KERNEL) is not known: say one of $(ALL_KERNELS) \
	$(BINDER_KERNELS) debug)
endif

ARCHITECTURE := $(shell tests/vm/kernel architecture $(KERNEL))
BUILD := build$(if $(filter-out amd64,$(ARCHITECTURE)),/$(ARCHITECTURE))
# What the shell of `make vm` finds, in the same place as here.
PROGRAMS = $(wildcard $(addprefix $(BUILD)/,examples bench demo \
	tests/conformance tests/truth))

help:
	@echo 'make demo [PICTURE=PATH]     windows of several processes, under memory'
	@echo '                             pressure: here, on the portable engine'
	@echo 'make demo-vm [PICTURE=PATH]  the same on the device, in a virtual machine'
	@echo 'make story [FILE=PATH]       a cache under memory pressure, in words; and'
	@echo 'make story-vm [FILE=PATH]    the same on the device'
	@echo 'make check                   all tests, on the kernels $(KERNELS)'
	@echo 'make check-packages          only the Debian packages: built, installed,'
	@echo '                             used, upgraded, purged'
	@echo 'make check-debug             the same faults, judged by a debug kernel'
	@echo 'make check-kernels           the driver on all kernels, as a table; or on'
	@echo '    [ONLY="NAME..."]         some of $(ALL_KERNELS)'
	@echo 'make java                    ashmem.jar: memory files and shared memory in'
	@echo '                             Java, as on Android'
	@echo 'make fuzz [FUZZ_SECONDS=N]   ashmemd, told anything for N seconds each'
	@echo 'make bench                   what pinning costs'
	@echo 'make vm [KERNEL=NAME]        a shell under a kernel with the driver'
	@echo 'make all                     build everything, run nothing'
	@echo 'make install [PREFIX=PATH]   builds and installs all but the module and the'
	@echo '    [DESTDIR=PATH]           tests, below /usr/local if not told otherwise'
	@echo 'make clean                   remove what was built'
	@echo 'KERNEL is one of $(ALL_KERNELS) debug; with'
	@echo '/dev/binder $(BINDER_KERNELS). Missing Debian packages are installed first.'

packages:
	@tests/packages-install

programs: packages
	@[ -e build/build.ninja ] || meson setup build
	@ninja -C build --quiet

modules: packages
	@set -e; for kernel in $(KERNELS); do tests/vm/module $$kernel; done

all: programs modules

module: packages
	@tests/vm/module $(KERNEL)

check: packages java
	@tests/check

check-packages: packages
	@tests/check --packages

check-debug: packages
	@tests/check --debug

check-kernels: packages
	@tests/packages-install qemu-system-arm
	@tests/check --kernels $(ONLY)

# What needs no virtual machine does not have one installed, and what needs no
# display no library for one. If that comes later, Meson has to look again.
demo-programs:
	@tests/packages-install --build
	@[ -z "$$DISPLAY$$WAYLAND_DISPLAY" ] || tests/packages-install libsdl2-dev
	@[ -e build/build.ninja ] || meson setup build
	@[ -z "$$DISPLAY$$WAYLAND_DISPLAY" ] || \
		[ -e build/demo/window/window-view ] || \
		meson setup --reconfigure build >/dev/null
	@ninja -C build --quiet demos daemon/ashmemd

demo: demo-programs
	@demo/run window

demo-vm: demo-programs module
	@KERNEL=$(KERNEL) demo/run window --vm

story: demo-programs
	@demo/run story

story-vm: demo-programs module
	@KERNEL=$(KERNEL) demo/run story --vm

# If Meson has looked for a JDK in vain before, it has to look again.
java:
	@tests/packages-install --java
	@[ -e build/build.ninja ] || meson setup build
	@[ -n "$$(ninja -C build -t query java/ashmem.jar 2>/dev/null)" ] || \
		meson configure build -Djava=enabled
	@ninja -C build --quiet java/ashmem.jar daemon/ashmemd
	@echo build/java/ashmem.jar

fuzz: packages
	@tests/packages-install clang libclang-rt-dev
	@tests/fuzz/run $(FUZZ_SECONDS)

bench: programs module
	@KERNEL=$(KERNEL) bench/run

# Where the kernel is for another architecture, so are programs and machine.
vm: programs module
	@[ $(BUILD) = build ] || tests/packages-install qemu-system-arm
	@[ $(BUILD) = build ] || tests/vm/programs $(KERNEL)
	@tests/vm/run --kernel $(KERNEL) $(PROGRAMS:%=--file %) \
		--program $(BUILD)/cli/ashmem \
		--file $(BUILD)/lib/libashmem.so.0:$(BUILD)/lib/libashmem.so.0 \
		--shell

# Built in a directory of its own, as the prefix is compiled in, without what
# only the demos take. What a later compiler warns of does not stop it. With
# sudo, what was built is given back to whom the checkout belongs.
install:
	@tests/packages-install $(filter-out libjpeg62-turbo-dev nettle-dev, \
		$(shell sed 's/#.*//' tests/packages-build))
	@[ -e build/install/build.ninja ] || \
		meson setup build/install -Dtests=false -Dwerror=false
	@meson configure build/install --prefix="$(PREFIX)" --libdir=lib \
		-Dc_link_args="-Wl,-rpath,$(PREFIX)/lib"
	@ninja -C build/install --quiet
	@DESTDIR="$(abspath $(DESTDIR))" \
		meson install -C build/install --quiet --no-rebuild
	@[ "$$(id -u)" != 0 ] || chown -R --reference=Makefile build
	@[ -n "$(DESTDIR)" ] || [ "$$(id -u)" != 0 ] || ldconfig

clean:
	rm -rf build

.PHONY: help packages programs modules all module check check-packages \
	check-debug check-kernels demo-programs demo demo-vm story story-vm \
	java fuzz bench vm install clean
