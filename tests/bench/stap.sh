# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# What SystemTap's own examples have in common: $script is one of them. It is built as it lies there,
# with the header that mends SystemTap 4.8 on this kernel, which it does not compile on otherwise, and one
# that has its hashes begin with the same number each time.
kind=stap
mend=probes/stap/mend/task_work_cancel.h
seed=tests/bench/stap-seed.h
examples=/usr/share/systemtap/examples
version() { stap --version 2>&1; }
module=${peer//[^a-z]/_} # staprun takes a module's name from its file's
stap_build() { # stap_build OPTION...: as stap does it
	stap -p4 -r "$release" -m "$module" -B "KCFLAGS=-include $PWD/$mend -include $PWD/$seed" "$@" && mv "$module.ko" "$built/"
}
build() { stap_build "$examples/$script"; }
around() { staprun -o "$out" -c "$*" "$built/$module.ko"; }
said() { grep -iE 'skipped|overflow|ERROR' "$err"; }
