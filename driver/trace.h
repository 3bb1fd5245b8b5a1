/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the driver shows of itself in /sys/kernel/tracing/events/ashmem.
 *
 * Areas go by a number that no other area has had. Runs of pages are shown as
 * [first, one past the last).
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM ashmem

#if !defined(_ASHMEM_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _ASHMEM_TRACE_H

#include <linux/tracepoint.h>

#include "area.h"
#include "memcg.h"

TRACE_EVENT(ashmem_open,
	TP_PROTO(struct ashmem_area *area),
	TP_ARGS(area),
	TP_STRUCT__entry(
		__field(u64, area)
	),
	TP_fast_assign(
		__entry->area = area->id;
	),
	TP_printk("area=%llu", __entry->area)
);

DECLARE_EVENT_CLASS(ashmem_life,
	TP_PROTO(struct ashmem_area *area),
	TP_ARGS(area),
	TP_STRUCT__entry(
		__field(u64, area)
		__field(unsigned long, ino)
		__field(size_t, size)
		__array(char, name, ASHMEM_NAME_LEN)
	),
	TP_fast_assign(
		__entry->area = area->id;
		__entry->ino = ashmem_area_ino(area);
		__entry->size = area->size;
		ashmem_area_trace_name(area, __entry->name);
	),
	TP_printk("area=%llu ino=%lu size=%zu name=\"%s\"", __entry->area,
		  __entry->ino, __entry->size, __entry->name)
);

/* The first mmap. From here on size and name stay as they are. */
DEFINE_EVENT(ashmem_life, ashmem_map_first,
	TP_PROTO(struct ashmem_area *area),
	TP_ARGS(area)
);

/* The last descriptor was closed. Nothing is purged any more. */
DEFINE_EVENT(ashmem_life, ashmem_release,
	TP_PROTO(struct ashmem_area *area),
	TP_ARGS(area)
);

TRACE_EVENT(ashmem_map,
	TP_PROTO(struct ashmem_area *area, struct vm_area_struct *vma),
	TP_ARGS(area, vma),
	TP_STRUCT__entry(
		__field(u64, area)
		__field(unsigned long, ino)
		__field(unsigned long, start)
		__field(unsigned long, page)
		__field(unsigned long, pages)
		__field(unsigned long, flags)
	),
	TP_fast_assign(
		__entry->area = area->id;
		__entry->ino = ashmem_area_ino(area);
		__entry->start = vma->vm_start;
		__entry->page = vma->vm_pgoff;
		__entry->pages = vma_pages(vma);
		__entry->flags = vma->vm_flags;
	),
	TP_printk("area=%llu ino=%lu pages=[%lu,%lu) at=0x%lx %c%c%c%c",
		  __entry->area, __entry->ino, __entry->page,
		  __entry->page + __entry->pages, __entry->start,
		  __entry->flags & VM_READ ? 'r' : '-',
		  __entry->flags & VM_WRITE ? 'w' : '-',
		  __entry->flags & VM_EXEC ? 'x' : '-',
		  __entry->flags & VM_SHARED ? 's' : 'p')
);

TRACE_EVENT(ashmem_charge,
	TP_PROTO(struct ashmem_area *area, struct mem_cgroup *memcg),
	TP_ARGS(area, memcg),
	TP_STRUCT__entry(
		__field(u64, area)
		__field(unsigned long, ino)
		__field(u64, cgroup)
	),
	TP_fast_assign(
		__entry->area = area->id;
		__entry->ino = ashmem_area_ino(area);
		__entry->cgroup = ashmem_mem_cgroup_ino(memcg);
	),
	TP_printk("area=%llu ino=%lu cgroup=%llu", __entry->area, __entry->ino,
		  __entry->cgroup)
);

DECLARE_EVENT_CLASS(ashmem_run,
	TP_PROTO(struct ashmem_area *area, pgoff_t start, pgoff_t end,
		 unsigned long result),
	TP_ARGS(area, start, end, result),
	TP_STRUCT__entry(
		__field(u64, area)
		__field(unsigned long, ino)
		__field(pgoff_t, start)
		__field(pgoff_t, end)
		__field(unsigned long, result)
	),
	TP_fast_assign(
		__entry->area = area->id;
		__entry->ino = ashmem_area_ino(area);
		__entry->start = start;
		__entry->end = end;
		__entry->result = result;
	),
	TP_printk("area=%llu ino=%lu pages=[%lu,%lu)", __entry->area,
		  __entry->ino, __entry->start, __entry->end)
);

DEFINE_EVENT_PRINT(ashmem_run, ashmem_pin,
	TP_PROTO(struct ashmem_area *area, pgoff_t start, pgoff_t end,
		 unsigned long purged),
	TP_ARGS(area, start, end, purged),
	TP_printk("area=%llu ino=%lu pages=[%lu,%lu) %s", __entry->area,
		  __entry->ino, __entry->start, __entry->end,
		  __entry->result ? "was purged" : "not purged")
);

DEFINE_EVENT(ashmem_run, ashmem_unpin,
	TP_PROTO(struct ashmem_area *area, pgoff_t start, pgoff_t end,
		 unsigned long unused),
	TP_ARGS(area, start, end, unused)
);

DEFINE_EVENT_PRINT(ashmem_run, ashmem_purge,
	TP_PROTO(struct ashmem_area *area, pgoff_t start, pgoff_t end,
		 unsigned long freed),
	TP_ARGS(area, start, end, freed),
	TP_printk("area=%llu ino=%lu pages=[%lu,%lu) freed=%lu", __entry->area,
		  __entry->ino, __entry->start, __entry->end, __entry->result)
);

#endif /* _ASHMEM_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
