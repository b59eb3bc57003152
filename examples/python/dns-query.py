#!/usr/bin/python3
#
# dns-query.py: asks a name server for records of any type
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import argparse
import sys

import gi

gi.require_version("Qnet", "1")
from gi.repository import GLib, Qnet

TYPES = {
    name: getattr(Qnet.DnsRecordType, name)
    for name in ("A", "AAAA", "ANY", "CNAME", "MX", "NS", "PTR", "SRV", "TLSA", "TXT")
}


def quote(data):
    """The text of DNS is bytes; those that are not printable are shown as numbers."""
    return '"' + "".join(chr(byte) if 32 <= byte < 127 and chr(byte) not in '"\\'
                         else f"\\{byte:03}" for byte in data) + '"'


def describe(lookup):
    """Gives (record, type, value), as a zone file would have it."""
    for record in lookup.get_canonical_name_records():
        yield record, "CNAME", record.get_value() + "."
    for record in lookup.get_host_address_records():
        address = record.get_value()
        is_ipv4 = address.get_protocol() == Qnet.NetworkLayerProtocol.IPV4
        yield record, "A" if is_ipv4 else "AAAA", str(address)
    for record in lookup.get_mail_exchange_records():
        yield record, "MX", f"{record.get_preference()} {record.get_exchange()}."
    for record in lookup.get_name_server_records():
        yield record, "NS", record.get_value() + "."
    for record in lookup.get_pointer_records():
        yield record, "PTR", record.get_value() + "."
    for record in lookup.get_service_records():
        numbers = f"{record.get_priority()} {record.get_weight()} {record.get_port()}"
        yield record, "SRV", f"{numbers} {record.get_target()}."
    for record in lookup.get_text_records():
        yield record, "TXT", " ".join(quote(value) for value in record.get_values())
    for record in lookup.get_tls_association_records():
        numbers = f"{record.get_usage()} {record.get_selector()} {record.get_matching_type()}"
        yield record, "TLSA", f"{numbers} {record.get_value().hex()}"


def port(text):
    number = int(text)
    if not 0 < number < 65536:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text}")
    return number


def milliseconds(text):
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"a time is not negative: {text}")
    return number


parser = argparse.ArgumentParser(description="Asks a name server for records.")
parser.add_argument("name", help="what to ask for; with PTR it may be an address")
parser.add_argument("type", nargs="?", default="A", type=str.upper, choices=TYPES)
parser.add_argument("--server", metavar="ADDRESS",
                    help="the name server (default: that of the system)")
parser.add_argument("--port", type=port, default=Qnet.DNS_PORT)
parser.add_argument("--timeout", type=milliseconds, default=0, metavar="MS",
                    help="how long to wait at most")
arguments = parser.parse_args()

server = None
if arguments.server is not None:
    server = Qnet.HostAddress.from_string(arguments.server)
    if server is None:
        sys.exit(f"“{arguments.server}” is no address")

lookup = Qnet.DnsLookup(
    name=arguments.name,
    record_type=TYPES[arguments.type],
    nameserver=server,
    nameserver_port=arguments.port,
    timeout=arguments.timeout,
)
lookup.lookup()

try:
    lookup.wait_for_finished(-1)
except GLib.Error as error:
    sys.exit(error.message)

for record, kind, value in describe(lookup):
    print(f"{record.get_name()}. {record.get_time_to_live()} IN {kind} {value}")
