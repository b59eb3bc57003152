/* fault-shim.h: the C library's calls, of which a chosen one fails
 *
 * A shared library in front of the C library: the calls of qnet, and of GLib on its behalf, go
 * through it. A program that is linked with it, or started with it in LD_PRELOAD, is otherwise as
 * usual. Without fault_begin() the environment chooses: QNET_FAULT=recv:ECONNRESET:3 (the third
 * one; with a fourth part, how many in a row: recv:EAGAIN:3:5), and QNET_FAULT_TRACE=1 writes to
 * stderr where it was.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <stddef.h>

/* A name that getaddrinfo() finds: 127.0.0.1. */
#define FAULT_HOST "host.fault.test"

typedef enum
{
  FAULT_SOCKET,
  FAULT_BIND,
  FAULT_LISTEN,
  FAULT_CONNECT,
  FAULT_ACCEPT,
  FAULT_RECV,
  FAULT_RECVFROM,
  FAULT_RECVMSG,
  FAULT_RECVMMSG,
  FAULT_SEND,
  FAULT_SENDTO,
  FAULT_SENDMSG,
  FAULT_SENDMMSG,
  FAULT_READ,
  FAULT_WRITE,
  FAULT_SHUTDOWN,
  FAULT_GETSOCKNAME,
  FAULT_GETPEERNAME,
  FAULT_GETSOCKOPT,
  FAULT_SETSOCKOPT,
  FAULT_IOCTL,
  FAULT_FCNTL,
  FAULT_DUP,
  FAULT_EVENTFD,
  FAULT_PIPE,
  FAULT_EPOLL_CREATE,
  FAULT_EPOLL_CTL,
  FAULT_EPOLL_WAIT,
  FAULT_POLL,
  FAULT_OPEN,
  FAULT_STAT,
  FAULT_LINK,
  FAULT_RENAME,
  FAULT_UNLINK,
  FAULT_CHMOD,
  FAULT_FLOCK,
  FAULT_THREAD,
  FAULT_RANDOM,
  FAULT_GETADDRINFO,
  FAULT_GETNAMEINFO,
  FAULT_GETIFADDRS,
  FAULT_DESCRIPTORS,  /* not one call: all that make descriptors, when so many are open */
  FAULT_N_CALLS
} FaultCall;

typedef struct
{
  FaultCall call;
  int       outcome;  /* an errno (getaddrinfo: -EAI_...), or < 0: at most that many bytes */
  unsigned  nth;      /* 1 is the first; of FAULT_DESCRIPTORS how many more may be open */
  unsigned  n_times;  /* in a row; of FAULT_DESCRIPTORS milliseconds, from the first that failed */
} FaultPlan;

const char *fault_call_name    (FaultCall        call);

/* Counts from zero, and applies @plan (NULL: nothing fails). */
void        fault_begin        (const FaultPlan *plan);
/* From now on nothing fails. Returns how many calls have failed. */
unsigned    fault_end          (void);
unsigned    fault_count        (FaultCall        call);  /* since fault_begin() */
unsigned    fault_count_polls  (void);                   /* epoll_wait() and poll() */

/* The calling thread, and those that it starts, do not belong to the library: nothing fails there,
 * and the library must not close their descriptors. Nests. */
void        fault_exempt_begin (void);
void        fault_exempt_end   (void);
/* A descriptor of such a thread belongs to the library from now on. */
void        fault_give         (int              fd);
/* A descriptor of the library belongs to the test from now on. */
void        fault_take         (int              fd);

/* The first use of a closed descriptor, or of one that does not belong to the library; or NULL.
 * fault_begin() clears it. */
const char *fault_get_misuse   (void);

/* Descriptors of the library that are open; what they are is written to @text. */
unsigned    fault_count_open   (char            *text,
                                size_t           size);
