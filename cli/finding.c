// SPDX-License-Identifier: MIT
#include "finding.h"

#include <ashmem.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cgroup.h"
#include "node.h"
#include "service.h"

#define PSI		"/proc/pressure/memory"
#define YAMA		"/proc/sys/kernel/yama/ptrace_scope"
#define NOEXEC		"/proc/sys/vm/memfd_noexec"

/* The oldest kernel that the portable engine is for. */
#define OLDEST_MAJOR	5
#define OLDEST_MINOR	10

/* ashmemd needs two for each region, and a quarter for connections. */
#define FEW_DESCRIPTORS	4096

void finding_add(struct findings *findings, const char *about,
		 enum finding_grade grade, const char *mend,
		 const char *format, ...)
{
	struct finding *items = reallocarray(findings->items,
					     findings->count + 1,
					     sizeof(*items));
	struct finding finding = { .about = about, .grade = grade };
	va_list arguments;

	if (!items)
		return;
	findings->items = items;
	va_start(arguments, format);
	if (vasprintf(&finding.text, format, arguments) < 0)
		finding.text = NULL;
	va_end(arguments);
	if (!finding.text)
		return;
	finding.mend = mend ? strdup(mend) : NULL;
	items[findings->count++] = finding;
}

void findings_end(struct findings *findings)
{
	while (findings->count) {
		free(findings->items[--findings->count].text);
		free(findings->items[findings->count].mend);
	}
	free(findings->items);
	findings->items = NULL;
}

/* The number that a file begins with, or -1. */
static int first_number(const char *path)
{
	FILE *file = fopen(path, "re");
	int number = -1;

	if (!file)
		return -1;
	if (fscanf(file, "%d", &number) != 1)
		number = -1;
	fclose(file);
	return number;
}

/*
 * Which engine makes new regions: the library is asked, and then why.
 */

static void look_at_choice(struct findings *findings, bool device,
			   const char *wish)
{
	const char *name = device ? "device" : "portable";
	char mend[NODE_COMMAND];
	struct node node;

	node_look(&node);
	node_mend(&node, mend);
	if (wish && *wish && strcmp(wish, "auto"))
		finding_add(findings, "engine", FINDING_FINE, NULL,
			    "%s, as ASHMEM_ENGINE says", name);
	else if (device)
		finding_add(findings, "engine", FINDING_FINE, NULL,
			    "device: it is there and can be opened");
	else if (!node.there)
		finding_add(findings, "engine", FINDING_FINE, NULL,
			    "portable: there is no " NODE);
	else
		finding_add(findings, "engine", FINDING_NOTE, mend,
			    "portable: " NODE " is there, and cannot be "
			    "used: %s", node.device ? strerror(node.error) :
			    "it is not the driver's");
}

/* What keeps memfds from being made is a finding of its own. */
static void look_at_failure(struct findings *findings, int error,
			    const char *wish)
{
	char mend[NODE_COMMAND];
	struct node node;

	if (error == EINVAL) {
		finding_add(findings, "engine", FINDING_PROBLEM,
			    "unset ASHMEM_ENGINE",
			    "ASHMEM_ENGINE is `%s', which is none of auto, "
			    "device and portable", wish ? wish : "");
	} else if (wish && !strcmp(wish, "device")) {
		node_look(&node);
		node_mend(&node, mend);
		finding_add(findings, "engine", FINDING_PROBLEM, mend,
			    "ASHMEM_ENGINE says device, and it cannot be "
			    "opened: %s", strerror(error));
	}
}

/* Returns whether it is the device. The region has no size, so no memory. */
static bool look_at_engine(struct findings *findings)
{
	const char *wish = getenv("ASHMEM_ENGINE");
	struct ashmem_region *region;
	bool device;

	if (ashmem_region_create(&region, "ashmem-doctor", 0) < 0) {
		look_at_failure(findings, errno, wish);
		return wish && !strcmp(wish, "device");
	}
	device = ashmem_region_engine(region) == ASHMEM_ENGINE_DEVICE;
	ashmem_region_close(region);
	look_at_choice(findings, device, wish);
	return device;
}

/*
 * Whether Android in a container gets what it needs: the device, open to all,
 * by the name that has the boot id in it. See docs/android-containers.md.
 */

#define NAME_NODE	"sudo ln -sf ashmem " NODE "$(cat " NODE_BOOT_ID ")"

static void look_at_android(struct findings *findings)
{
	char mend[NODE_COMMAND];
	struct node node;

	node_look(&node);
	node_mend(&node, mend);
	if (!node.there)
		finding_add(findings, "android", FINDING_NOTE, mend,
			    "Android in a container would find no " NODE);
	else if (!node.device)
		finding_add(findings, "android", FINDING_NOTE, mend,
			    NODE " is not the driver's, so Android in a "
			    "container cannot use it");
	else if ((node.status.st_mode & 0666) != 0666)
		finding_add(findings, "android", FINDING_NOTE,
			    "sudo chmod 0666 " NODE,
			    "not every user may open " NODE ", as the apps "
			    "of Android in a container must");
	else if (node.error)
		finding_add(findings, "android", FINDING_NOTE, mend,
			    NODE " cannot be opened: %s", strerror(node.error));
	else if (!node_has_boot_id_name(&node))
		finding_add(findings, "android", FINDING_NOTE, NAME_NODE,
			    "Android in a container looks for the device by a "
			    "name with the boot id, which it does not have");
	else
		finding_add(findings, "android", FINDING_FINE, NULL,
			    "the device is open to all, also by the name with "
			    "the boot id");
}

/*
 * The kernel.
 */

static void look_at_version(struct findings *findings)
{
	unsigned int major = 0, minor = 0;
	struct utsname kernel;

	uname(&kernel);
	sscanf(kernel.release, "%u.%u", &major, &minor);
	if (major > OLDEST_MAJOR ||
	    (major == OLDEST_MAJOR && minor >= OLDEST_MINOR))
		finding_add(findings, "kernel", FINDING_FINE, NULL,
			    "Linux %s", kernel.release);
	else
		finding_add(findings, "kernel", FINDING_PROBLEM,
			    "sudo apt-get install linux-image-$(dpkg "
			    "--print-architecture) && sudo reboot",
			    "Linux %s; 5.10 or later is needed",
			    kernel.release);
}

/* Returns a number of errno, or 0. */
static int make_and_seal(void)
{
	int fd = memfd_create("ashmem-doctor", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int error = fd < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_GROW) < 0 ? errno :
									0;

	if (fd >= 0)
		close(fd);
	return error;
}

/* What forbids a system call that every kernel of Debian has. */
static const char *allow_calls(int error)
{
	if (error == EMFILE)
		return "ulimit -n \"$(ulimit -Hn)\"";
	if (first_number(NOEXEC) > 1)
		return "sudo sysctl vm.memfd_noexec=1";
	return "docker run --security-opt seccomp=unconfined IMAGE";
}

static void look_at_memfds(struct findings *findings)
{
	int error = make_and_seal();

	if (error)
		finding_add(findings, "memfd", FINDING_PROBLEM,
			    allow_calls(error),
			    "memfds cannot be made and sealed: %s. A "
			    "container's filter for system calls may forbid it",
			    strerror(error));
	else if (syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0) < 0)
		finding_add(findings, "memfd", FINDING_NOTE, allow_calls(errno),
			    "memfds can be sealed; membarrier(2) is missing, "
			    "as a container's filter for system calls may have "
			    "it");
	else
		finding_add(findings, "memfd", FINDING_FINE, NULL,
			    "memfds can be made and sealed");
}

/*
 * Where memory gets tight.
 */

static void look_at_cgroup(struct findings *findings)
{
	struct cgroup_hierarchy hierarchy;
	char *cgroup = NULL;

	if (cgroup_find(&hierarchy, "/proc", "") == 0)
		cgroup = cgroup_of(&hierarchy, getpid());
	if (hierarchy.version == CGROUP_NONE)
		finding_add(findings, "cgroup", FINDING_NOTE,
			    "sudo mount -t cgroup2 cgroup2 /sys/fs/cgroup",
			    "no hierarchy with memory is mounted: only the "
			    "whole machine's memory is watched");
	else if (!cgroup)
		finding_add(findings, "cgroup", FINDING_NOTE,
			    hierarchy.version == CGROUP_V1 ?
			    "sudo mount -t cgroup -o memory memory "
			    "/sys/fs/cgroup/memory" :
			    "sudo mount -t cgroup2 cgroup2 /sys/fs/cgroup",
			    "this process's is not in what is mounted at %s: "
			    "only the whole machine's memory is watched",
			    hierarchy.mount);
	else
		finding_add(findings, "cgroup", FINDING_FINE, NULL,
			    "version %d, this process is in %s",
			    hierarchy.version == CGROUP_V1 ? 1 : 2, cgroup);
	free(cgroup);
	cgroup_forget(&hierarchy);
}

/* The pressure file of this process's cgroup, if there is one. */
static bool has_cgroup_pressure(void)
{
	struct cgroup_hierarchy hierarchy;
	char *cgroup = NULL, *path = NULL;
	bool there;

	if (cgroup_find(&hierarchy, "/proc", "") == 0 &&
	    hierarchy.version == CGROUP_V2)
		cgroup = cgroup_of(&hierarchy, getpid());
	if (cgroup)
		path = cgroup_file(&hierarchy, cgroup, "memory.pressure");
	there = path && access(path, R_OK) == 0;
	free(path);
	free(cgroup);
	cgroup_forget(&hierarchy);
	return there;
}

static void look_at_pressure(struct findings *findings)
{
	const char *watch = getenv("MEMORY_PRESSURE_WATCH");
	int fd;

	if (watch && *watch) {
		finding_add(findings, "pressure", FINDING_FINE, NULL,
			    "told by %s, as MEMORY_PRESSURE_WATCH says", watch);
		return;
	}
	if (has_cgroup_pressure()) {
		finding_add(findings, "pressure", FINDING_FINE, NULL,
			    "told by memory.pressure of the cgroup, and by "
			    "numbers");
		return;
	}
	fd = open(PSI, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		close(fd);
		finding_add(findings, "pressure", FINDING_FINE, NULL,
			    "told by " PSI ", and by numbers");
	} else {
		finding_add(findings, "pressure", FINDING_NOTE,
			    "sudo sed -i 's/^GRUB_CMDLINE_LINUX=\"/&psi=1 /' "
			    "/etc/default/grub && sudo update-grub && "
			    "sudo reboot",
			    "only by numbers, looked at again and again: the "
			    "kernel does not tell of stalls, unless it is "
			    "booted with psi=1");
	}
}

/*
 * What this user may.
 */

static void look_at_permissions(struct findings *findings)
{
	int scope = first_number(YAMA);
	struct stat device;

	if (access("/proc/self/fd", R_OK) < 0)
		finding_add(findings, "permissions", FINDING_PROBLEM,
			    "sudo mount -t proc proc /proc",
			    "/proc is not there: regions cannot be found, nor "
			    "attached to");
	else if (geteuid() == 0)
		finding_add(findings, "permissions", FINDING_FINE, NULL,
			    "root: the regions of all users are seen");
	else
		finding_add(findings, "permissions", FINDING_FINE, NULL,
			    "user %u: the regions of this user's processes are "
			    "seen", geteuid());
	if (stat(NODE, &device) == 0 && scope > 0 && geteuid() != 0)
		finding_add(findings, "permissions", FINDING_NOTE,
			    "sudo sysctl kernel.yama.ptrace_scope=0",
			    "areas of other processes can be listed, and not "
			    "opened: kernel.yama.ptrace_scope is %d", scope);
}

static void look_at_limits(struct findings *findings)
{
	struct rlimit files, locked, size;

	getrlimit(RLIMIT_NOFILE, &files);
	getrlimit(RLIMIT_MEMLOCK, &locked);
	getrlimit(RLIMIT_FSIZE, &size);
	if (files.rlim_max < FEW_DESCRIPTORS)
		finding_add(findings, "limits", FINDING_NOTE,
			    "sudo prlimit --pid $$ --nofile=65536",
			    "only %ju descriptors a process: enough for %ju "
			    "regions that ashmemd serves",
			    (uintmax_t)files.rlim_max,
			    (uintmax_t)files.rlim_max * 3 / 8);
	else
		finding_add(findings, "limits", FINDING_FINE, NULL,
			    "%ju descriptors a process (nofile)",
			    (uintmax_t)files.rlim_max);
	if (size.rlim_cur != RLIM_INFINITY)
		finding_add(findings, "limits", FINDING_PROBLEM,
			    "sudo prlimit --pid $$ --fsize=unlimited",
			    "no region can be larger than %ju bytes (fsize)",
			    (uintmax_t)size.rlim_cur);
	if (locked.rlim_cur == RLIM_INFINITY)
		finding_add(findings, "limits", FINDING_FINE, NULL,
			    "no limit of locked memory (memlock)");
	else
		finding_add(findings, "limits", FINDING_FINE, NULL,
			    "%ju bytes may be locked (memlock); what is locked "
			    "with mlock(2) is purged all the same",
			    (uintmax_t)locked.rlim_cur);
}

/*
 * ashmemd.
 */

#define END_OWN	"pkill -KILL -u \"$(id -u)\" -x ashmemd"

/* Another user's is that user's affair. */
static void look_at_trouble(struct findings *findings,
			    const struct service *service, int error)
{
	bool own = service->owner == geteuid();
	char end[64];

	snprintf(end, sizeof(end), "sudo pkill -KILL -u %u -x ashmemd",
		 service->owner);
	finding_add(findings, "ashmemd",
		    service->place.machine || own ? FINDING_PROBLEM :
						    FINDING_NOTE,
		    service->place.machine ? "sudo systemctl restart ashmemd" :
		    own ? END_OWN : end,
		    "the one at %s tells nothing: %s", service->place.socket,
		    service_trouble(error));
}

static void look_at_service(struct findings *findings,
			    const struct service *service)
{
	struct listing listing;

	if (service_list(service, 0, &listing) == 0)
		finding_add(findings, "ashmemd", FINDING_FINE, NULL,
			    "process %d serves %s at %s", listing.pid,
			    service->place.machine ? "the machine" :
			    service->owner == geteuid() ? "this user" :
			    "another user", service->place.socket);
	else
		look_at_trouble(findings, service, errno);
}

/* None runs. Could one be started? Regions of the device do without. */
static void look_at_program(struct findings *findings, bool device)
{
	const char *named = getenv("ASHMEMD");
	const char *path = named ? named : ASHMEMD_PATH;
	/* That is where the package has it. */
	const char *install = !strncmp(path, "/usr/bin/", 9) ?
		"sudo apt-get install ./ashmemd_*.deb" : "sudo make install";

	if (access(path, X_OK) == 0)
		finding_add(findings, "ashmemd", FINDING_FINE, NULL,
			    "none runs; the first process that unpins "
			    "something starts %s", path);
	else
		finding_add(findings, "ashmemd",
			    device ? FINDING_NOTE : FINDING_PROBLEM,
			    named ? "unset ASHMEMD" : install,
			    "none runs, and %s cannot be started: %s. Regions "
			    "of the portable engine are not purged", path,
			    strerror(errno));
}

/* Is it the machine's that cannot be reached, or this user's? */
static bool lacks_machine(const struct services *services)
{
	struct place machine;

	place_machine(&machine);
	return access(machine.socket, F_OK) == 0 &&
	       !(services->count && services->items[0].place.machine);
}

static void look_at_ashmemd(struct findings *findings, bool device)
{
	struct services services = { 0 };
	bool machine;

	if (services_connect(&services) < 0)
		return;
	for (size_t i = 0; i < services.count; i++)
		look_at_service(findings, &services.items[i]);
	machine = lacks_machine(&services);
	if (services.error == ENOENT || services.error == ECONNREFUSED)
		look_at_program(findings, device);
	else if (services.error == ETIMEDOUT)
		finding_add(findings, "ashmemd", FINDING_PROBLEM,
			    machine ? "sudo systemctl restart ashmemd" :
				      END_OWN,
			    "%s does not answer: it takes no connection",
			    machine ? "the machine's" : "this user's");
	else if (services.error && machine)
		finding_add(findings, "ashmemd", FINDING_PROBLEM,
			    "sudo systemctl restart ashmemd.socket",
			    "the machine's cannot be reached: %s",
			    strerror(services.error));
	services_close(&services);
}

static void directory_of(const struct place *place, char *path, size_t size)
{
	snprintf(path, size, "%s", place->socket);
	*strrchr(path, '/') = '\0';
}

/* Its parent has to be there, and to be written by this user. */
static void look_at_parent(struct findings *findings, const char *directory)
{
	char parent[sizeof(((struct place *)0)->socket)], mend[200];
	int error;

	snprintf(parent, sizeof(parent), "%s", directory);
	*strrchr(parent, '/') = '\0';
	if (access(parent, W_OK | X_OK) == 0) {
		finding_add(findings, "runtime", FINDING_FINE, NULL,
			    "%s will be made when it is needed", directory);
		return;
	}
	error = errno;
	/* What is there may belong to somebody else, as after su(1). */
	if (error == ENOENT)
		snprintf(mend, sizeof(mend),
			 "sudo install -d -m 0700 -o %u %s", geteuid(), parent);
	else
		strcpy(mend, "unset XDG_RUNTIME_DIR");
	finding_add(findings, "runtime", FINDING_PROBLEM, mend,
		    "%s cannot be made: %s", directory, strerror(error));
}

/* Somebody else's in the runtime directory is left to them. */
static void look_at_untrusted(struct findings *findings, const char *directory,
			      const struct stat *status)
{
	bool own = S_ISDIR(status->st_mode) && status->st_uid == geteuid();
	char mend[200];

	if (own || !getenv("XDG_RUNTIME_DIR"))
		snprintf(mend, sizeof(mend), "%s %s",
			 own ? "chmod 0700" : "sudo rm -r", directory);
	else
		strcpy(mend, "unset XDG_RUNTIME_DIR");
	finding_add(findings, "runtime", FINDING_PROBLEM, mend,
		    "%s is not to be trusted: it has to be a directory of this "
		    "user's, with mode 0700", directory);
}

static void look_at_runtime(struct findings *findings)
{
	char directory[sizeof(((struct place *)0)->socket)];
	struct place place;
	struct stat status;

	if (place_user(&place) < 0) {
		finding_add(findings, "runtime", FINDING_PROBLEM,
			    "export XDG_RUNTIME_DIR=/run/user/$(id -u)",
			    "the path in XDG_RUNTIME_DIR is too long");
		return;
	}
	directory_of(&place, directory, sizeof(directory));
	if (place_check(&place) == 0)
		finding_add(findings, "runtime", FINDING_FINE, NULL,
			    "%s is this user's alone", directory);
	else if (lstat(directory, &status) < 0)
		look_at_parent(findings, directory);
	else
		look_at_untrusted(findings, directory, &status);
}

void findings_look(struct findings *findings)
{
	bool device = look_at_engine(findings);

	look_at_android(findings);
	look_at_version(findings);
	look_at_memfds(findings);
	look_at_cgroup(findings);
	look_at_pressure(findings);
	look_at_permissions(findings);
	look_at_limits(findings);
	look_at_ashmemd(findings, device);
	look_at_runtime(findings);
}
