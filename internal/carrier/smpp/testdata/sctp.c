/* Loaded before Osmocom's MSC where the kernel has no SCTP, without which it does not start. Its SCTP sockets, which lead
 * to a radio network that is not there, become TCP sockets. SMPP goes over TCP in any case. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netinet/in.h>
#include <sys/socket.h>

int socket(int domain, int type, int protocol)
{
	int (*real)(int, int, int) = (int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");

	if (protocol != IPPROTO_SCTP)
		return real(domain, type, protocol);
	return real(domain, SOCK_STREAM | (type & (SOCK_CLOEXEC | SOCK_NONBLOCK)), IPPROTO_TCP);
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
	int (*real)(int, int, int, const void *, socklen_t) =
		(int (*)(int, int, int, const void *, socklen_t))dlsym(RTLD_NEXT, "setsockopt");

	return level == IPPROTO_SCTP ? 0 : real(fd, level, name, value, length);
}

int sctp_bindx(int fd, struct sockaddr *address, int n, int flags)
{
	socklen_t length = address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);

	(void)n;
	(void)flags;
	return bind(fd, address, length);
}

int sctp_connectx(int fd, struct sockaddr *address, int n, void *id)
{
	socklen_t length = address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);

	(void)n;
	(void)id;
	return connect(fd, address, length);
}
