// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of sites: where in which file calls come from. Files are held until the next attach, so
 * that their paths can be told after the processes that mapped them have ended.
 */
#include "sysgate.h"
#include "unwind.h"

#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>

#define HEADS_BITS 12
#define MODULES	   1024

static struct tables {
	u16 sites[1 << HEADS_BITS], modules[1 << HEADS_BITS]; /* the newest of each head; 0: none */
	u16 after_site[SG_SITES], after_module[MODULES];
	struct file *files[MODULES];
} * tables;
static struct sysgate_site *sites;
static u32 sites_count, modules_count;
static DEFINE_RAW_SPINLOCK(lock);

int sg_sites_init(void)
{
	if (sites)
		return 0;
	sites = vmalloc_user(PAGE_ALIGN(SG_SITES * sizeof(*sites)));
	tables = vzalloc(sizeof(*tables));
	if (!sites || !tables) {
		sg_sites_exit();
		return -ENOMEM;
	}
	sites_count = 1;
	modules_count = SYSGATE_MODULE_FILES;
	return 0;
}

void sg_sites_exit(void)
{
	sg_sites_reset();
	vfree(sites);
	vfree(tables);
	sites = NULL;
	tables = NULL;
}

void sg_sites_reset(void)
{
	u32 i;

	if (!sites || !tables)
		return;
	for (i = SYSGATE_MODULE_FILES; i < modules_count; i++)
		fput(tables->files[i]);
	memset(tables, 0, sizeof(*tables));
	sites_count = 1;
	modules_count = SYSGATE_MODULE_FILES;
}

u32 sg_sites_count(void)
{
	return READ_ONCE(sites_count);
}

struct sysgate_site *sg_sites(void)
{
	return sites;
}

unsigned int sg_sites_memory(void)
{
	return sites ? SG_SITES * sizeof(*sites) + sizeof(*tables) : 0;
}

/* ---- modules ---- */

static u32 known_module(const struct inode *inode, unsigned int head)
{
	u32 i = smp_load_acquire(&tables->modules[head]);

	while (i && file_inode(tables->files[i]) != inode)
		i = tables->after_module[i];
	return i;
}

/* The file's index, made when it is new; UNKNOWN: no room. */
static u32 module_of_file(struct file *file)
{
	const struct inode *inode = file_inode(file);
	unsigned int head = hash_ptr(inode, HEADS_BITS);
	unsigned long flags;
	u32 i = known_module(inode, head);

	if (likely(i))
		return i;
	raw_spin_lock_irqsave(&lock, flags);
	i = known_module(inode, head);
	if (!i && modules_count < MODULES) {
		i = modules_count++;
		/* Held, its inode is not another's before the end. */
		tables->files[i] = get_file(file);
		tables->after_module[i] = tables->modules[head];
		smp_store_release(&tables->modules[head], i);
	}
	raw_spin_unlock_irqrestore(&lock, flags);
	return i;
}

static void locate(struct mm_struct *mm, struct sysgate_site *s, int frame, unsigned long ip)
{
	struct vm_area_struct *vma = find_vma(mm, ip);

	s->offset[frame] = ip;
	if (!vma || vma->vm_start > ip)
		return;
	if (vma->vm_file) {
		s->module[frame] = module_of_file(vma->vm_file);
		if (s->module[frame])
			s->offset[frame] = ip - vma->vm_start + ((u64)vma->vm_pgoff << PAGE_SHIFT);
		else
			raw_cpu_inc(sg_cpu.sites_full);
	} else if (vma->vm_start == (unsigned long)mm->context.vdso) {
		s->module[frame] =
			s->flags & SYSGATE_SITE_32 ? SYSGATE_MODULE_VDSO32 : SYSGATE_MODULE_VDSO;
		s->offset[frame] = ip - vma->vm_start;
	} else {
		s->module[frame] = SYSGATE_MODULE_ANONYMOUS;
	}
}

int sg_site_module(struct sysgate_module *out)
{
	u32 i = out->module;
	char *buf, *path;

	if (!tables || i < SYSGATE_MODULE_FILES || i >= READ_ONCE(modules_count))
		return -ENOENT;
	buf = (char *)__get_free_page(GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	path = d_path(&tables->files[i]->f_path, buf, PAGE_SIZE);
	out->inode = file_inode(tables->files[i])->i_ino;
	out->size = i_size_read(file_inode(tables->files[i]));
	memset(out->path, 0, sizeof(out->path));
	if (!IS_ERR(path) && strlen(path) < sizeof(out->path))
		strscpy(out->path, path, sizeof(out->path));
	free_page((unsigned long)buf);
	return 0;
}

/* ---- sites ---- */

static bool is_same(const struct sysgate_site *a, const struct sysgate_site *b)
{
	return !memcmp(a, b, offsetof(struct sysgate_site, padding));
}

static u32 known_site(const struct sysgate_site *s, unsigned int head)
{
	u32 i = smp_load_acquire(&tables->sites[head]);

	while (i && !is_same(&sites[i], s))
		i = tables->after_site[i];
	return i;
}

static u32 keep(const struct sysgate_site *s)
{
	unsigned int head =
		jhash(s, offsetof(struct sysgate_site, padding), 0) & ((1 << HEADS_BITS) - 1);
	unsigned long flags;
	u32 i = known_site(s, head);

	if (likely(i))
		return i;
	raw_spin_lock_irqsave(&lock, flags);
	i = known_site(s, head);
	if (!i && sites_count < SG_SITES) {
		i = sites_count;
		sites[i] = *s;
		tables->after_site[i] = tables->sites[head];
		smp_store_release(&tables->sites[head], i);
		smp_store_release(&sites_count, i + 1);
	}
	raw_spin_unlock_irqrestore(&lock, flags);
	if (!i)
		raw_cpu_inc(sg_cpu.sites_full);
	return i;
}

static bool is_program(const struct mm_struct *mm, unsigned long ip)
{
	return ip >= mm->start_code && ip < mm->end_code;
}

/* From the gate to the first frame in the program's own text. How many; flags say whether it ended.
 */
static int walk(const struct pt_regs *regs, const struct mm_struct *mm, unsigned long *ips,
		u32 *flags)
{
	bool narrow = sg_is_32_bit(regs);
	struct sg_frame f = {
		.ip = regs->ip, .sp = regs->sp, .bp = regs->bp, .word = narrow ? 4 : 8
	};
	int count = 0;

	*flags = narrow ? SYSGATE_SITE_32 : 0;
	ips[count++] = f.ip;
	while (!is_program(mm, f.ip)) {
		if (count == SYSGATE_FRAMES || !sg_unwind(&f)) {
			*flags |= SYSGATE_SITE_OPEN;
			break;
		}
		ips[count++] = f.ip;
	}
	return count;
}

u32 sg_site_get(const struct pt_regs *regs)
{
	struct mm_struct *mm = current->mm;
	unsigned long ips[SYSGATE_FRAMES];
	struct sysgate_site s;
	int count, i;

	if (!mm)
		return 0;
	memset(&s, 0, sizeof(s));
	count = walk(regs, mm, ips, &s.flags);
	/* A handler does not wait. */
	if (!mmap_read_trylock(mm)) {
		raw_cpu_inc(sg_cpu.sites_unseen);
		return 0;
	}
	for (i = 0; i < count; i++)
		locate(mm, &s, i, ips[i]);
	mmap_read_unlock(mm);
	return keep(&s);
}
