// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/sysgate. One writer, which configures and attaches; when it closes, however it came to that,
 * every hook is off. Readers map what was counted and ask for the rest.
 */
#include "clock.h"
#include "sysgate.h"

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

static int gid;
module_param(gid, int, 0444);
MODULE_PARM_DESC(gid, "group that may open /dev/sysgate, beside root");

static DEFINE_MUTEX(lock); /* the writer's seat, and what it does */
static bool has_writer;

static int open(struct inode *inode, struct file *file)
{
	int ret = 0;

	if (!capable(CAP_SYS_ADMIN) && !(gid && in_group_p(make_kgid(&init_user_ns, gid))))
		return -EPERM;
	if (!(file->f_mode & FMODE_WRITE))
		return 0;
	/* A writer names addresses and places in the kernel's text. */
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	mutex_lock(&lock);
	if (has_writer)
		ret = -EBUSY;
	has_writer = true;
	mutex_unlock(&lock);
	return ret;
}

static int release(struct inode *inode, struct file *file)
{
	if (!(file->f_mode & FMODE_WRITE))
		return 0;
	mutex_lock(&lock);
	sg_detach();
	/* What they hold must not outlive who asked for it. */
	sg_sites_reset();
	has_writer = false;
	mutex_unlock(&lock);
	return 0;
}

static u64 pool_bytes(void)
{
	return per_cpu_ptr(&sg_cpu, cpumask_first(cpu_online_mask))->pool->size;
}

static void info(struct sysgate_info *out)
{
	memset(out, 0, sizeof(*out));
	out->magic = SYSGATE_MAGIC;
	out->version = SYSGATE_ABI_VERSION;
	out->cpus = nr_cpu_ids;
	out->whos_max = SG_WHOS;
	out->pool_bytes = pool_bytes();
	out->stamps_max = SG_STAMPS;
	out->attached = sg_attached;
	out->clock = sg_setup.tsc;
	out->sites_max = SG_SITES;
	out->memory_once =
		sizeof(sg_stamps) + SG_WHOS * (sizeof(struct sysgate_who) + 2) + sg_sites_memory();
	out->memory_cpu = sg_cells_memory();
}

void sg_counters(struct sysgate_counters *out)
{
	int cpu;

	memset(out, 0, sizeof(*out));
	for_each_possible_cpu (cpu) {
		const struct sg_cpu *c = per_cpu_ptr(&sg_cpu, cpu);

		out->entries += c->entries;
		out->pool_full += c->pool_full;
		out->stamps_full += c->stamps_full;
		out->whos_full += c->whos_full;
		out->suppressed += c->suppressed;
		out->before_attach += c->before_attach;
		out->stamps_lost += c->stamps_lost;
		out->abi_unknown += c->abi_unknown;
		out->sites_full += c->sites_full;
		out->sites_unseen += c->sites_unseen;
	}
	out->in_flight = sg_stamps_in_call();
	out->probes_missed = sg_kprobes_missed();
	out->whos = sg_whos_count();
	out->sites = sg_sites_count();
	out->now_ns = sg_ns(sg_clock());
	out->attached_ns = sg_ns(sg_attached_at);
	out->detached_ns = sg_ns(sg_detached_at);
}

/* What only the writer may: under the lock. */
static long control(unsigned int cmd, unsigned long arg)
{
	struct sysgate_calibration calibration;
	int ret;

	switch (cmd) {
	case SYSGATE_CONFIGURE:
		return sg_attached ? -EBUSY : sg_config_set((void __user *)arg);
	case SYSGATE_ATTACH:
		return sg_attach();
	case SYSGATE_DETACH:
		sg_detach();
		return 0;
	case SYSGATE_CALIBRATE:
		ret = sg_calibrate(&calibration);
		if (!ret && copy_to_user((void __user *)arg, &calibration, sizeof(calibration)))
			ret = -EFAULT;
		return ret;
	}
	return -ENOTTY;
}

static long tell_module(struct sysgate_module __user *arg)
{
	struct sysgate_module *m = memdup_user(arg, sizeof(*m));
	long ret;

	if (IS_ERR(m))
		return PTR_ERR(m);
	ret = sg_site_module(m);
	if (!ret && copy_to_user(arg, m, sizeof(*m)))
		ret = -EFAULT;
	kfree(m);
	return ret;
}

static long query(unsigned int cmd, void __user *arg)
{
	struct sysgate_in_flight_list list;
	struct sysgate_counters counters;
	struct sysgate_info about;
	long ret;

	switch (cmd) {
	case SYSGATE_INFO:
		info(&about);
		return copy_to_user(arg, &about, sizeof(about)) ? -EFAULT : 0;
	case SYSGATE_COUNTERS:
		sg_counters(&counters);
		return copy_to_user(arg, &counters, sizeof(counters)) ? -EFAULT : 0;
	case SYSGATE_IN_FLIGHT:
		if (copy_from_user(&list, arg, sizeof(list)))
			return -EFAULT;
		ret = sg_stamps_in_flight(&list);
		if (!ret && copy_to_user(arg, &list, sizeof(list)))
			ret = -EFAULT;
		return ret;
	case SYSGATE_MODULE:
		return tell_module(arg);
	}
	return -ENOTTY;
}

static long ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	long ret;

	/* Reads static tables alone, and may sleep on the asker's memory. */
	if (cmd == SYSGATE_IN_FLIGHT)
		return query(cmd, (void __user *)arg);
	mutex_lock(&lock);
	ret = query(cmd, (void __user *)arg);
	if (ret == -ENOTTY)
		ret = file->f_mode & FMODE_WRITE ? control(cmd, arg) : -EBADF;
	mutex_unlock(&lock);
	return ret;
}

static int map(struct file *file, struct vm_area_struct *vma)
{
	u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	unsigned long size = vma->vm_end - vma->vm_start;
	void *from = sg_whos();
	u64 has = PAGE_ALIGN(SG_WHOS * sizeof(struct sysgate_who));

	if (vma->vm_flags & VM_WRITE)
		return -EPERM;
	sg_vma_read_only(vma);
	if (offset == SYSGATE_MAP_SITES) {
		from = sg_sites();
		has = PAGE_ALIGN(SG_SITES * sizeof(struct sysgate_site));
	} else if (offset) {
		u64 cpu = div64_u64(offset, SYSGATE_MAP_STRIDE) - 1;

		if (offset % SYSGATE_MAP_STRIDE || cpu >= nr_cpu_ids || !cpu_possible(cpu))
			return -EINVAL;
		from = READ_ONCE(per_cpu_ptr(&sg_cpu, cpu)->pool);
		has = pool_bytes();
	}
	if (!from)
		return -ENXIO; /* that CPU was never there, sites were not asked for */
	if (size > has)
		return -EINVAL;
	return remap_vmalloc_range(vma, from, 0);
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = open,
	.release = release,
	.unlocked_ioctl = ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = map,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = SG_NAME,
	.fops = &operations,
	.mode = 0600,
};

int sg_device_init(void)
{
	return misc_register(&device);
}

void sg_device_exit(void)
{
	misc_deregister(&device);
}
