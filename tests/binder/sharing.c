// SPDX-License-Identifier: MIT
/* A region goes over binder, and both sides map the same memory. */
#include <ashmem_binder.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../tap.h"
#include "peer.h"
#include "tester.h"
#include "tests.h"

#define PAGES		TESTER_PAGES

static const struct tester provider = {
	.name = "provider", .manager = true, .letter = 'P',
};

static const struct tester consumer = { .name = "consumer" };

static char *map(struct ashmem_region *region, int prot)
{
	char *at;

	if (!region)
		return NULL;
	at = ashmem_region_map(region, 0, prot, MAP_SHARED, 0);
	return at == MAP_FAILED ? NULL : at;
}

static void unmap(struct ashmem_region *region, char *at)
{
	if (at)
		ashmem_region_unmap(region, at, TESTER_BYTES);
	ashmem_region_close(region);
}

static bool is_described(struct ashmem_region *region)
{
	char name[ASHMEM_NAME_LEN];
	uint64_t size;

	return ashmem_region_get_size(region, &size) == 0 &&
	       size == TESTER_BYTES &&
	       ashmem_region_get_name(region, name, sizeof(name)) == 0 &&
	       !strcmp(name, "tester");
}

static bool tell(struct ashmem_binder_service *service, char letter)
{
	struct ashmem_binder_message request = {
		.code = TESTER_WRITE, .bytes = &letter, .length = 1,
	};

	return ashmem_binder_call(service, &request, NULL, PATIENCE) == 0;
}

static void in_the_answer(struct ashmem_binder_service *service)
{
	struct ashmem_region *region = tester_get(service, TESTER_GIVE);
	char *at = map(region, PROT_READ | PROT_WRITE);

	tap_ok(at && at[0] == 'P', "answer: its region's content is here");
	tap_ok(region && is_described(region),
	       "answer: its region has its name and size");
	tap_ok(at && tell(service, 'Q') && at[0] == 'Q',
	       "answer: what the provider writes is seen here");
	if (at)
		at[0] = 'R';
	tap_ok(tester_ask(service, TESTER_LETTER) == 'R',
	       "answer: what is written here the provider sees");
	unmap(region, at);
}

static void in_the_request(struct ashmem_binder_service *service)
{
	struct ashmem_binder_message request = { .code = TESTER_TAKE };
	char *at;

	if (ashmem_region_create(&request.region, "ours", TESTER_BYTES) < 0)
		peer_fail("create");
	at = map(request.region, PROT_READ | PROT_WRITE);
	at[0] = 'S';
	tap_ok(ashmem_binder_call(service, &request, NULL, PATIENCE) == 0 &&
	       tester_ask(service, TESTER_LETTER) == 'S',
	       "request: its region's content is there");
	tap_ok(tell(service, 'T') && at[0] == 'T',
	       "request: what the receiver writes is seen here");
	unmap(request.region, at);
	tap_ok(tester_ask(service, TESTER_LETTER) == 'T',
	       "request: the receiver has it when the sender has closed it");
}

static void both_ways(struct ashmem_binder_service *service)
{
	struct ashmem_binder_message request = { .code = TESTER_ECHO };
	struct ashmem_binder_message answer = { 0 };
	uint64_t before = 1, after = 2;

	if (ashmem_region_create(&request.region, "ours", TESTER_BYTES) < 0 ||
	    !map(request.region, PROT_READ))
		peer_fail("create");
	tap_ok(ashmem_binder_call(service, &request, &answer, PATIENCE) == 0 &&
	       answer.region &&
	       ashmem_region_file_id(request.region, &before) == 0 &&
	       ashmem_region_file_id(answer.region, &after) == 0 &&
	       before == after,
	       "there and back: it is the same memory");
	ashmem_binder_message_free(&answer);
	ashmem_region_close(request.region);
}

static void pins(struct ashmem_binder_service *service)
{
	struct ashmem_region *region = tester_get(service, TESTER_GIVE);
	char *at = map(region, PROT_READ | PROT_WRITE);

	if (!tap_ok(at && ashmem_region_pin_status(region, 0, 0) ==
				  ASHMEM_IS_PINNED &&
		    tester_call(service, TESTER_UNPIN) == 0 &&
		    ashmem_region_pin_status(region, 0, 0) ==
			    ASHMEM_IS_UNPINNED,
		    "pins: what the provider unpins is unpinned here"))
		tap_note("%s", strerror(errno));
	tap_ok(at && ashmem_purge_all(region) >= (int64_t)PAGES &&
	       at[0] == '\0', "pins: purged for one is purged for both");
	tap_ok(tester_ask(service, TESTER_PIN) == ASHMEM_WAS_PURGED,
	       "pins: and the provider is told");
	tap_ok(region && ashmem_region_unpin(region, 0, 0) == 0 &&
	       tester_ask(service, TESTER_PIN) == ASHMEM_NOT_PURGED &&
	       ashmem_region_pin_status(region, 0, 0) == ASHMEM_IS_PINNED,
	       "pins: what is unpinned here the provider pins");
	tell(service, 'P');
	unmap(region, at);
}

/* The device has one open file for all, so only its mask can forbid writing. */
static void read_only(struct ashmem_binder_service *service)
{
	struct ashmem_binder_message request = {
		.code = TESTER_GIVE_READ_ONLY,
	};
	struct ashmem_binder_message answer = { 0 };
	struct ashmem_region *region;
	bool device;
	char *at;

	if (ashmem_region_create(&region, NULL, 1) < 0)
		peer_fail("create");
	device = ashmem_region_engine(region) == ASHMEM_ENGINE_DEVICE;
	ashmem_region_close(region);
	if (device) {
		tap_ok(ashmem_binder_call(service, &request, &answer,
					  PATIENCE) < 0 && errno == ENOTSUP,
		       "read-only: not on the device, while it has write");
		return;
	}
	region = tester_get(service, TESTER_GIVE_READ_ONLY);
	at = map(region, PROT_READ);
	tap_ok(at && at[0] == 'P' &&
	       !map(region, PROT_READ | PROT_WRITE) && errno == EACCES,
	       "read-only: it can be read, and not be written");
	unmap(region, at);
}

/* Another process is given it by the first, and hands it to a third. */
static void through_a_third(struct ashmem_binder *binder,
			    struct ashmem_binder_service *service)
{
	struct ashmem_binder_message request = { .code = TESTER_TAKE };
	struct ashmem_binder_service *third;
	struct peer peer = tester_start(&consumer);

	third = tester_find(binder, "consumer");
	request.region = tester_get(service, TESTER_GIVE);
	tell(service, 'U');
	tap_ok(request.region &&
	       ashmem_binder_call(third, &request, NULL, PATIENCE) == 0 &&
	       tester_ask(third, TESTER_LETTER) == 'U',
	       "a third process is handed what the second was given");
	tell(third, 'V');
	tap_ok(tester_ask(service, TESTER_LETTER) == 'V',
	       "and what it writes the first sees");
	ashmem_region_close(request.region);
	ashmem_binder_service_close(third);
	peer_end(&peer);
}

/*
 * Two groups, each of a provider and of who calls it here: their areas have the
 * same name and size, and nothing else in common.
 */
static void apart(const char *what, const struct tester *one,
		  const struct tester *other)
{
	struct peer first = tester_start(one), second = tester_start(other);
	struct ashmem_binder *of_first = tester_open(one->device);
	struct ashmem_binder *of_second = tester_open(other->device);
	struct ashmem_binder_service *a, *b, *none;
	uint64_t id_a = 0, id_b = 0;
	struct ashmem_region *in_a, *in_b;
	char *at_a, *at_b;
	bool same_device = !other->device;

	a = tester_find(of_first, one->name);
	b = tester_find(of_second, other->name);
	in_a = tester_get(a, TESTER_GIVE);
	in_b = tester_get(b, TESTER_GIVE);
	at_a = map(in_a, PROT_READ | PROT_WRITE);
	at_b = map(in_b, PROT_READ | PROT_WRITE);
	tap_ok(at_a && at_b && at_a[0] == one->letter &&
	       at_b[0] == other->letter &&
	       ashmem_region_file_id(in_a, &id_a) == 0 &&
	       ashmem_region_file_id(in_b, &id_b) == 0 && id_a != id_b,
	       "%s: each group has its own area", what);
	if (at_a)
		memset(at_a, 'x', TESTER_BYTES);
	tap_ok(tester_ask(a, TESTER_LETTER) == 'x' &&
	       tester_ask(b, TESTER_LETTER) == other->letter &&
	       at_b && at_b[0] == other->letter,
	       "%s: what one group writes the other does not see", what);
	tap_ok(tester_call(a, TESTER_UNPIN) == 0 && in_b &&
	       ashmem_region_pin_status(in_b, 0, 0) == ASHMEM_IS_PINNED &&
	       tester_ask(b, TESTER_PIN) == ASHMEM_NOT_PURGED,
	       "%s: nor what it unpins", what);
	if (!same_device)
		tap_ok(ashmem_binder_find(of_second, "area 2", PATIENCE,
					  &none) < 0 && errno == ENOENT,
		       "%s: nor its names", what);
	unmap(in_a, at_a);
	unmap(in_b, at_b);
	ashmem_binder_service_close(a);
	ashmem_binder_service_close(b);
	ashmem_binder_close(of_first);
	ashmem_binder_close(of_second);
	peer_end(&second);
	peer_end(&first);
}

static void isolation(void)
{
	static const struct tester one = {
		.name = "area", .manager = true, .letter = 'a',
	}, other = {
		.name = "area", .manager = true, .letter = 'b',
		.device = "/dev/other",
	}, same = {
		.name = "other", .letter = 'b',
	};

	apart("two managers", &one, &other);
	apart("one manager", &one, &same);
}

void test_sharing(void)
{
	struct peer peer = tester_start(&provider);
	struct ashmem_binder *binder = tester_open(NULL);
	struct ashmem_binder_service *service = tester_find(binder, "provider");
	int before, there;

	in_the_answer(service);
	pins(service);
	read_only(service);
	both_ways(service);
	/* By now each side has all that it will have for good. */
	before = tester_descriptors();
	there = tester_ask(service, TESTER_DESCRIPTORS);
	for (int i = 0; i < 100; i++)
		ashmem_region_close(tester_get(service, TESTER_GIVE));
	/* Nobody is interested in this one. */
	tester_call(service, TESTER_GIVE);
	both_ways(service);
	tap_ok(tester_descriptors() == before &&
	       tester_ask(service, TESTER_DESCRIPTORS) == there,
	       "101 regions more leave no descriptor behind on either side");
	through_a_third(binder, service);
	in_the_request(service);
	ashmem_binder_service_close(service);
	ashmem_binder_close(binder);
	peer_end(&peer);
	isolation();
}
