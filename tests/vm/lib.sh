# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Shared by run and build: messages, the table of targets, where things are.

vm_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck disable=SC2034 # for those that source it
checkout=$(cd "$vm_dir/../.." && pwd -P)
cache=${SYSGATE_CACHE:-/var/cache/sysgate-tests}
# shellcheck disable=SC2034
default_target=bookworm-amd64

# 99 is kept for a lost VM, so nothing else may use it.
# shellcheck disable=SC2034
{
	status_usage=2
	status_cannot=3
	status_lost=99
	status_was_99=98
}

say() {
	printf 'vm: %s\n' "$*" >&2
}

# die STATUS MESSAGE [NEXT-STEP]
die() {
	local status=$1

	shift
	printf 'vm: %s\n' "$@" >&2
	exit "$status"
}

need_tools() {
	local tool package

	[ "$(id -u)" = 0 ] || die $status_cannot "cannot make or boot a target: not root"
	while read -r tool package; do
		command -v "$tool" >/dev/null ||
			die $status_cannot "cannot find '$tool': not installed" \
				"next: apt-get install $package"
	done <<-END
		qemu-system-x86_64 qemu-system-x86
		debootstrap debootstrap
		cpio cpio
		mksquashfs squashfs-tools
		xz xz-utils
	END
}

target_names() {
	awk '!/^#/ && NF { print $1 }' "$vm_dir/targets"
}

# Sets suite, arch, kernel, cpu, libs (its own suite by default), extra, tree, which is the target's root,
# and image, the same as a file system for a VM.
target_get() {
	local row

	row=$(awk -v n="$1" '$1 == n' "$vm_dir/targets")
	[ -n "$row" ] || die $status_usage "cannot find target '$1': not in tests/vm/targets" \
		"next: $vm_dir/run --list"
	# shellcheck disable=SC2034 # build reads kernel and extra, run the cpu and the image
	read -r _ suite arch kernel cpu libs extra <<<"$row"
	[ "$libs" != - ] || libs=$suite
	# shellcheck disable=SC2034
	tree=$cache/$1/root image=$cache/$1/root.squashfs
}

# The packages of the target that target_get set.
target_packages() {
	printf '%s\n' "$kernel" "${kernel/image/headers}"
	awk -v suite="!$suite" -v arch="!$arch" '!/^#/ && NF && $2 != suite && $2 != arch { print $1 }' \
		"$vm_dir"/packages/*
	[ "$extra" = - ] || tr , '\n' <<<"$extra"
}

# A hash of all that decides what is in the tree and its image; those with another are stale.
target_recipe() {
	{
		declare -f make_image
		echo "$suite $arch"
		target_packages
		cat "$vm_dir/recipe"
		[ "$arch" = amd64 ] || cat "$vm_dir/recipe-foreign"
	} | sha256sum | cut -d' ' -f1
}

# make_image TREE FILE: the tree as a file system; over 9p each file that a program opens costs an emulated
# machine some million instructions. Without the modules that sysgate builds in the tree: those change.
make_image() {
	mkdir -p "$1/var/cache/sysgate"
	mksquashfs "$1" "$2" -quiet -no-progress -comp lz4 -no-xattrs -wildcards -e 'var/cache/sysgate/*'
}

target_is_built() {
	[ "$(cat "$cache/$1/recipe" 2>/dev/null)" = "$(target_get "$1" && target_recipe)" ]
}

# hold TARGET: build it where it is stale, then hold its lock (shared) until the
# end, so that no other run replaces the tree under the VM. Adds to locks.
hold() {
	local lock

	target_is_built "$1" || "$vm_dir/build" "$1"
	exec {lock}<"$cache/$1/lock"
	locks+=("$lock")
	flock -s "$lock"
	target_is_built "$1" || die $status_cannot "cannot use '$1': it changed meanwhile" \
		"next: run it again"
}

target_release() {
	basename "$(find "$tree/boot" -name 'vmlinuz-*' | sort -V | tail -n 1)" | sed 's/vmlinuz-//'
}

# An i386 tree runs on an amd64 kernel only where that has IA32 emulation on.
tree_runs_here() {
	chroot "$1" /bin/true 2>/dev/null
}
