/* qnet.h: everything that is public
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#define __QNET_H_INSIDE__

#include "qnet-version.h"

#include "qnet-enum-types.h"
#include "qnet-enums.h"
#include "qnet-error.h"
#include "qnet-wait.h"
#include "qnet-host-address.h"
#include "qnet-address-filter.h"
#include "qnet-network-address-entry.h"
#include "qnet-network-interface.h"
#include "qnet-host-info.h"
#include "qnet-dns-record.h"
#include "qnet-dns-lookup.h"
#include "qnet-network-datagram.h"
#include "qnet-network-proxy.h"
#include "qnet-network-proxy-query.h"
#include "qnet-network-proxy-factory.h"
#include "qnet-proxy-header.h"
#include "qnet-authenticator.h"
#include "qnet-io-device.h"
#include "qnet-socket.h"
#include "qnet-abstract-socket.h"
#include "qnet-tcp-socket.h"
#include "qnet-udp-socket.h"
#include "qnet-ssl-configuration.h"
#include "qnet-ssl-socket.h"
#include "qnet-ssl-stapling.h"
#include "qnet-local-socket.h"
#include "qnet-connection-list.h"
#include "qnet-server.h"
#include "qnet-tcp-server.h"
#include "qnet-local-server.h"
#include "qnet-ssl-server.h"
#include "qnet-dtls-client-verifier.h"
#include "qnet-dtls.h"
#include "qnet-reconnector.h"

#undef __QNET_H_INSIDE__
