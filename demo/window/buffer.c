// SPDX-License-Identifier: MIT
#include "buffer.h"

#include <sys/mman.h>
#include <unistd.h>

static size_t header_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t buffer_bytes(int width, int height)
{
	return header_bytes() + (size_t)width * (size_t)height * sizeof(pixel);
}

static int map(struct buffer *buffer, int width, int height, int prot)
{
	char *bytes = ashmem_region_map(buffer->region,
					buffer_bytes(width, height), prot,
					MAP_SHARED, 0);

	if (bytes == MAP_FAILED)
		return -1;
	buffer->header = (struct buffer_header *)bytes;
	buffer->canvas = (struct canvas){
		.pixels = (pixel *)(bytes + header_bytes()),
		.width = width,
		.height = height,
		.stride = width,
	};
	return 0;
}

int buffer_create(struct buffer *buffer, const char *name, int width,
		  int height)
{
	if (ashmem_region_create(&buffer->region, name,
				 buffer_bytes(width, height)))
		return -1;
	if (!map(buffer, width, height, PROT_READ | PROT_WRITE))
		return 0;
	ashmem_region_close(buffer->region);
	*buffer = (struct buffer){ 0 };
	return -1;
}

int buffer_map(struct buffer *buffer, struct ashmem_region *region, int width,
	       int height)
{
	buffer->region = region;
	if (!map(buffer, width, height, PROT_READ))
		return 0;
	ashmem_region_close(region);
	*buffer = (struct buffer){ 0 };
	return -1;
}

void buffer_destroy(struct buffer *buffer)
{
	if (buffer->header)
		ashmem_region_unmap(buffer->region, buffer->header,
				    buffer_bytes(buffer->canvas.width,
						 buffer->canvas.height));
	ashmem_region_close(buffer->region);
	*buffer = (struct buffer){ 0 };
}

void buffer_begin(const struct buffer *buffer, uint64_t generation)
{
	atomic_store_explicit(&buffer->header->begun, generation,
			      memory_order_relaxed);
	/* No pixel is written before. */
	atomic_thread_fence(memory_order_seq_cst);
}

void buffer_end(const struct buffer *buffer, uint64_t generation)
{
	atomic_store_explicit(&buffer->header->done, generation,
			      memory_order_release);
}

bool buffer_is_of(const struct buffer *buffer, uint64_t generation)
{
	/* Every pixel has been read before. */
	atomic_thread_fence(memory_order_seq_cst);
	return atomic_load(&buffer->header->begun) == generation &&
	       atomic_load(&buffer->header->done) == generation;
}
