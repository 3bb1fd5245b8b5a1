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

/* What is seen in /proc/meminfo is everybody's. */
const char *need_quiet_machine(void)
{
	if (meminfo_kib("MemTotal") > 4 << 20)
		return "others' shared memory is counted: only where there are at most 4 GiB";
	return NULL;
}

const char *need_executable_device(void)
{
	struct statvfs fs;

	if (!engine->lacks[DEVICE_FILE] && !statvfs(DEVICE_PATH, &fs) &&
	    (fs.f_flag & ST_NOEXEC))
		return "/dev is mounted noexec";
	return NULL;
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

const char *need_device_file(void)
{
	return engine->lacks[DEVICE_FILE];
}

const char *need_fdinfo(void)
{
	return engine->lacks[FDINFO];
}

const char *need_file_from_open(void)
{
	return engine->lacks[FILE_FROM_OPEN];
}

const char *need_no_writing(void)
{
	return engine->lacks[NO_WRITING];
}

const char *need_long_mask(void)
{
	return need_64_bit() ?: engine->lacks[LONG_MASK];
}

const char *need_enforced_read(void)
{
	return engine->lacks[ENFORCED_READ];
}

const char *need_enforced_privately(void)
{
	return engine->lacks[ENFORCED_PRIVATELY];
}

const char *need_enforced_on_earlier(void)
{
	return engine->lacks[ENFORCED_ON_EARLIER];
}

/* Purging all, by whoever may. */
const char *need_purge_all(void)
{
	return engine->lacks[PRIVILEGED_PURGE_ALL] ? NULL : need_root();
}

const char *need_age_of_each_page(void)
{
	return engine->lacks[AGE_OF_EACH_PAGE];
}

const char *need_purging_twice(void)
{
	return engine->lacks[PURGING_TWICE];
}

const char *need_lasting_state(void)
{
	return engine->lacks[LASTING_STATE];
}

const char *need_pins_of_any_size(void)
{
	return need_64_bit() ?: engine->lacks[PINS_OF_ANY_SIZE];
}

const char *need_largest_pin_map(void)
{
	return engine->lacks[PINS_OF_ANY_SIZE] ? NULL :
	       "unpins areas of any size";
}

const char *need_cheap_private_writes(void)
{
	return engine->lacks[CHEAP_PRIVATE_WRITES];
}

const char *need_enforced_execute(void)
{
	return engine->lacks[ENFORCED_EXECUTE];
}

const char *need_read_only_purging(void)
{
	return engine->lacks[PURGING_OF_READ_ONLY];
}

const char *need_sealing(void)
{
	return engine->lacks[PURGING_OF_READ_ONLY] ? NULL :
	       "purges though write was taken from the mask";
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

const char *need_no_holds(void)
{
	if (!engine->hold)
		return "there is no call to refuse";
	return engine->lacks[HOLDS] ? NULL : "there are holds";
}

const char *need_ashmemd(void)
{
	return engine->lacks[SYNCHRONOUS_RECLAIM] ? NULL :
	       "the kernel purges, not ashmemd";
}

/* Purging all is for each user, and of his own. */
const char *need_own_purge_all(void)
{
	return engine->lacks[PRIVILEGED_PURGE_ALL] ? need_root() :
	       "purging all is for the administrator";
}
