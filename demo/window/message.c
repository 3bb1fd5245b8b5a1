// SPDX-License-Identifier: MIT
#include "message.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/socket.h>

int message_send(int socket, const struct message *message)
{
	ssize_t sent = send(socket, message, sizeof(*message),
			    MSG_NOSIGNAL | MSG_DONTWAIT);

	if (sent < 0 && errno == EPIPE)
		errno = ECONNRESET;
	return sent == (ssize_t)sizeof(*message) ? 0 : -1;
}

int message_receive(int socket, struct message *message)
{
	/* MSG_TRUNC: the length of the packet, also of one too long. */
	ssize_t got = recv(socket, message, sizeof(*message),
			   MSG_DONTWAIT | MSG_TRUNC);

	if (got < 0)
		return -1;
	if (got == sizeof(*message))
		return 0;
	errno = got ? EBADMSG : ECONNRESET;
	return -1;
}

int message_send_region(int socket, struct ashmem_region *region)
{
	/* On the device all share one open file: writing has to be taken from
	 * the area, and mappings made before keep it. */
	if (ashmem_region_engine(region) == ASHMEM_ENGINE_DEVICE &&
	    ashmem_region_set_protection(region, PROT_READ))
		return -1;
	return ashmem_region_send(region, socket, ASHMEM_ACCESS_READ_ONLY);
}
