// SPDX-License-Identifier: MIT
#include "need.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include "cgroup.h"
#include "device.h"
#include "engine.h"
#include "meminfo.h"

const char *need_root(void)
{
	return geteuid() ? "needs root" : NULL;
}

const char *need_cgroups(void)
{
	if (geteuid())
		return "needs root";
	return cgroup_missing();
}

/* Taking all memory that there is would be a nuisance to others. */
const char *need_own_machine(void)
{
	if (geteuid())
		return "needs root";
	if (meminfo_kib("MemTotal") > 4 << 20)
		return "takes all memory: only where there are at most 4 GiB";
	return NULL;
}

const char *need_executable_device(void)
{
	struct statvfs fs;

	if (!statvfs(DEVICE_PATH, &fs) && (fs.f_flag & ST_NOEXEC))
		return "/dev is mounted noexec";
	return need_enforced_execute();
}

const char *need_64_bit(void)
{
	return sizeof(size_t) < 8 ? "a 32-bit size_t cannot hold it" : NULL;
}

const char *need_32_bit(void)
{
	return sizeof(size_t) > 4 ? "a matter of 32-bit processes" : NULL;
}

const char *need_device(void)
{
	return engine->lacks[DEVICE_ABI];
}

const char *need_enforced_execute(void)
{
	return engine->lacks[ENFORCED_EXECUTE];
}

const char *need_read_only_purging(void)
{
	return engine->lacks[PURGING_OF_READ_ONLY];
}

const char *need_privileged_purge_all(void)
{
	return engine->lacks[PRIVILEGED_PURGE_ALL];
}

const char *need_synchronous_reclaim(void)
{
	return engine->lacks[SYNCHRONOUS_RECLAIM];
}

const char *need_holds(void)
{
	return engine->lacks[HOLDS];
}
