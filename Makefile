# SPDX-License-Identifier: GPL-2.0-or-later
# sysgate: counts and times every system call at its gate. `make help` lists targets and knobs.

O	?= build
PREFIX	?= /usr/local
DESTDIR	?=
CC	?= cc
PKG_CONFIG ?= pkg-config
SH	:= bash

VERSION	:= 0.1.0
PKGS	:= libtracefs libtraceevent libseccomp jansson libkmod libmicrohttpd libdw libelf capstone sqlite3 \
	   inih ncursesw
GOALS	:= $(or $(MAKECMDGOALS),all)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s%s\n' $(1) $(2)
endif

# Nothing is looked for when nothing is built: `make help`, `make demo` on a fresh machine.
BUILDS	:= $(filter-out help clean setup demo check check-fuzz check-vm fuzz vm-shell bench bench-profile \
	      bench-tools,$(GOALS))
ifneq ($(BUILDS),)
MISSING := $(shell for p in $(PKGS); do $(PKG_CONFIG) --exists $$p 2>/dev/null || echo $$p; done)
ifneq ($(strip $(MISSING)),)
$(error missing to build: $(MISSING); as root run: tools/setup build)
endif
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PKGS))
PKG_LIBS   := $(shell $(PKG_CONFIG) --libs $(PKGS))
endif

CFLAGS	?= -O2 -g
WARN	:= -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
	   -Wformat=2 -Wno-format-nonliteral $(if $(filter 1,$(WERROR) $(CI:true=1)),-Werror)
ifeq ($(DEBUG),1)
CFLAGS	:= -O0 -g3
endif
ifeq ($(ASAN),1)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
endif
ifeq ($(COVERAGE),1)
SANITIZE += --coverage
endif
# What tests/fuzz/run builds the fuzz targets with: clang, whose libFuzzer drives them.
ifeq ($(FUZZ),1)
CFLAGS	:= -O1 -gline-tables-only
SANITIZE := -fsanitize=fuzzer-no-link,address,undefined,float-cast-overflow \
	    -fno-sanitize-recover=all -fno-omit-frame-pointer
endif
# On i386 the GNU dialect defines i386 as 1, which is a name like others here.
ALL_CFLAGS := -std=gnu11 -Ui386 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DSYSGATE_VERSION='"$(VERSION)"' \
	      -Itools -Iprobes $(PKG_CFLAGS) $(WARN) $(CFLAGS) $(SANITIZE)
ALL_LIBS   := $(PKG_LIBS) -lm

# Everything but the main file is a library of its own, which the unit tests link too.
LIB_SRC	 := $(sort $(wildcard tools/base/*.c tools/stats/*.c tools/target/*.c tools/engine/*.c \
	      tools/sink/*.c tools/collector/*.c tools/budget/*.c tools/top/*.c tools/cmd/*.c))
LIB_OBJ	 := $(LIB_SRC:%.c=$(O)/%.o)
EMBEDDED := $(O)/module_embedded.o $(O)/page_embedded.o $(O)/stap_embedded.o
UNIT_SRC := $(sort $(wildcard tests/unit/check_*.c))
UNIT_BIN := $(UNIT_SRC:%.c=$(O)/%)
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
TARGETS	?= $(FUZZ_SRC:tests/fuzz/fuzz_%.c=%)
FUZZ_BIN := $(TARGETS:%=$(O)/tests/fuzz/fuzz_%)
TIME	?= 60

# What times the gates, for each width that the compiler has. Where it has no -m32, sysgate says so.
HELPER_CFLAGS := -std=gnu11 -Itools -O2 -nostdlib -static -ffreestanding -fno-builtin -fno-pie \
	      -fno-stack-protector -fno-asynchronous-unwind-tables -mgeneral-regs-only \
	      -idirafter /usr/include/x86_64-linux-gnu -Wl,--build-id=none -Wl,-z,noexecstack
ifneq ($(BUILDS),)
HELPERS := $(foreach width,$(if $(filter x86_64-%,$(shell $(CC) -dumpmachine)),64) 32,$(if $(shell echo 'int x;' | $(CC) -m$(width) -c -x c - \
	      -o /dev/null 2>/dev/null && echo yes),$(O)/gatetime$(width)))
endif

.PHONY: all help clean install setup demo check check-unit check-fuzz check-live check-vm \
	check-style fuzz fuzz-targets vm-shell unit-tests workloads bench bench-profile bench-tools FORCE

all: $(O)/sysgate $(HELPERS) workloads  ## build build/sysgate and the test workloads

$(O)/sysgate: $(O)/tools/sysgate.o $(O)/libsysgate.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(ALL_LIBS)

$(O)/gatetime%: tools/helper/gatetime.c tools/target/gatetime_abi.h $(O)/flags
	$(call say,HELPER,$@)
	$(Q)$(CC) -m$* $(HELPER_CFLAGS) $(WARN) -o $@ $<

# The module's source, which the binary carries. What a build in place left there is none of it.
MODULE_SRC := $(sort $(shell find probes/kmod -type f ! -name '.*' ! -name '*.o' ! -name '*.ko' \
	      ! -name '*.mod' ! -name '*.mod.c' ! -name '*.a' ! -name '*~' ! -name 'kconf.h*' \
	      ! -name log ! -name modules.order ! -name Module.symvers 2>/dev/null)) probes/sysgate_abi.h

PAGE_SRC := $(sort $(wildcard tools/collector/page/*))

# What SystemTap's scripts stand on, in one file, and the headers that mend SystemTap.
TAPSET_SRC := $(sort $(wildcard probes/stap/*) $(wildcard probes/kmod/*.[ch]) probes/kmod/compat/compat.h) \
	      probes/sysgate_abi.h
STAP_SRC := $(O)/tapset/sysgate.stp $(sort $(wildcard probes/stap/mend/*.h))

$(O)/tapset/sysgate.stp: tools/tapset $(TAPSET_SRC)
	$(call say,TAPSET,$@)
	$(Q)mkdir -p $(@D)
	$(Q)tools/tapset >$@

$(O)/module_embedded.c: tools/embed $(MODULE_SRC) FORCE
	$(call embed,module_files,$(MODULE_SRC))

$(O)/page_embedded.c: tools/embed $(PAGE_SRC) FORCE
	$(call embed,page_files,$(PAGE_SRC))

$(O)/stap_embedded.c: tools/embed $(STAP_SRC) FORCE
	$(call embed,stap_files,$(STAP_SRC))

# Written anew only when it differs.
define embed
	$(Q)mkdir -p $(@D)
	$(Q)tools/embed $(1) $(2) >$@.new
	$(Q)if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
endef

$(O)/module_embedded.o: $(MODULE_SRC)
$(O)/page_embedded.o: $(PAGE_SRC)
$(O)/stap_embedded.o: $(STAP_SRC)
$(EMBEDDED): %.o: %.c $(O)/flags
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/libsysgate.a: $(LIB_OBJ) $(EMBEDDED) $(O)/objects
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

# Flags and the list of objects are prerequisites: what was built with others is built again.
$(O)/flags: FORCE
	$(call told,$(CC) $(ALL_CFLAGS))
$(O)/objects: FORCE
	$(call told,$(LIB_OBJ))
define told
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(subst ','"'"',$(1))' | cmp -s - $@ || echo '$(subst ','"'"',$(1))' >$@
endef
FORCE:

$(O)/%.o: %.c $(O)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/tests/unit/%: $(O)/tests/unit/%.o $(O)/libsysgate.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(ALL_LIBS) \
		$$($(PKG_CONFIG) --libs check)

unit-tests: $(UNIT_BIN)

$(O)/tests/fuzz/fuzz_%: $(O)/tests/fuzz/fuzz_%.o $(O)/libsysgate.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(ALL_LIBS)

fuzz-targets: $(FUZZ_BIN)

-include tests/workload/Makefile.inc
workloads: $(WORKLOADS)

check-unit: $(O)/sysgate unit-tests  ## unit and cli tests: no root, under 30 s
	$(Q)$(SH) tests/run -b $(O) unit cli

check-fuzz:  ## what parses, by clang's libFuzzer: a second of each target; no root
	$(Q)$(SH) tests/run -b $(O) fuzz

fuzz:  ## the same for long: TIME= seconds of each target, TARGETS= narrows
	$(Q)SYSGATE_BUILD=$(O) tests/fuzz/run -t $(TIME) $(TARGETS)

check-live: $(O)/sysgate workloads  ## this kernel, as root, with the best engine that it allows
	$(Q)$(SH) tests/run -b $(O) live

check-vm:  ## Debian kernels in QEMU, as root; KERNELS= narrows the targets
	$(Q)$(SH) tests/run -b $(O) vm

check-style: $(O)/sysgate  ## clang-format, shellcheck, lengths, licences
	$(Q)$(SH) tests/run -b $(O) style

check:  ## all tests, as root, check-vm in short: installs what they need first
	$(Q)tools/setup tests
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) all unit-tests
	$(Q)SYSGATE_SHORT=1 $(SH) tests/run -b $(O) style unit cli fuzz live vm

demo:  ## as root: install what the build needs, build, show this machine's calls for 5 s
	$(Q)tools/setup build
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) all
	$(Q)$(SH) examples/demo/run $(O)

setup:  ## as root: install what the build and the tests need
	$(Q)tools/setup tests

vm-shell:  ## a root shell in a VM: make vm-shell TARGET=bookworm-i386
	$(Q)tests/vm/shell $(if $(TARGET),-k $(TARGET))

# What runs in the guest, whatever its C library, and what QEMU itself loads.
$(O)/tests/bench/load $(O)/tests/bench/online $(O)/tests/bench/scale: $(O)/tests/bench/%: tests/bench/%.c \
		tests/bench/machine.h tests/bench/marks.h
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 -static -o $@ $< -lm

# In the target's tree: it has sysgate's own code in it.
$(O)/tests/bench/snapshot: $(O)/tests/bench/snapshot.o $(O)/libsysgate.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(ALL_LIBS)

$(O)/tests/bench/trace.so: tests/bench/marks.h
$(O)/tests/bench/trace.so $(O)/tests/bench/same_random.so: $(O)/tests/bench/%.so: tests/bench/%.c
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 -shared -fPIC -fvisibility=hidden -o $@ $<

bench-tools: $(O)/tests/bench/load $(O)/tests/bench/online $(O)/tests/bench/scale $(O)/tests/bench/trace.so \
	     $(O)/tests/bench/same_random.so

bench:  ## as root: what counting costs, by sysgate and by others, into docs/bench.md; PEERS= narrows
	$(Q)tools/setup bench
	$(Q)tests/bench/run $(PEERS)

bench-profile:  ## as root: where each instruction of a counted call goes, into docs/bench-profile.md
	$(Q)tools/setup bench
	$(Q)tests/bench/run-profile

install: $(O)/sysgate $(HELPERS)  ## install into $(DESTDIR)$(PREFIX)
	install -D -m 755 $(O)/sysgate $(DESTDIR)$(PREFIX)/bin/sysgate
	install -D -m 644 $(O)/tapset/sysgate.stp $(DESTDIR)$(PREFIX)/share/sysgate/tapset/sysgate.stp
	set -e; for helper in $(HELPERS); do \
		install -D -m 755 $$helper \
			$(DESTDIR)$(PREFIX)/libexec/sysgate/$${helper##*/}; done
	set -e; for page in docs/man/*.[1-9]; do \
		install -D -m 644 $$page \
			$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}; done
	set -e; for schema in docs/*.schema.json; do \
		install -D -m 644 $$schema \
			$(DESTDIR)$(PREFIX)/share/doc/sysgate/$${schema##*/}; done
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's,@PREFIX@,$(PREFIX),' tools/sysgate.service \
		>$(DESTDIR)$(PREFIX)/lib/systemd/system/sysgate.service

clean:  ## remove what was built
	rm -rf $(O)

help:  ## this list
	@echo 'Targets:'
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16
	@echo 'Knobs:'
	@printf '  %-18s%s\n' \
		'O=DIR' 'build into DIR (default build)' \
		'V=1' 'show the commands' \
		'DEBUG=1' 'no optimisation, full debug information' \
		'ASAN=1' 'address and undefined-behaviour sanitizers' \
		'COVERAGE=1' 'gcov' \
		'WERROR=1' 'warnings are errors (always in CI)' \
		'CC=, CFLAGS=' 'the compiler and its flags' \
		'PREFIX=, DESTDIR=' 'where install puts things' \
		'KERNELS=' 'the VM targets of check-vm' \
		'TIME=, TARGETS=' 'seconds for each target of fuzz, and which' \
		'TARGET=' 'the VM target of vm-shell' \
		'PEERS=' 'whom bench measures: names of files in tests/bench/peers'

-include $(LIB_OBJ:.o=.d) $(EMBEDDED:.o=.d) $(O)/tools/sysgate.d $(UNIT_BIN:=.d) \
	$(FUZZ_BIN:=.d)
