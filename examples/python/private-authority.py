#!/usr/bin/python3
#
# private-authority.py: connects to a server that an authority of one's own has signed
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import argparse
import sys

import gi

gi.require_version("Qnet", "1")
from gi.repository import GLib, Qnet

PATIENCE = 5000  # milliseconds


def describe_server(host, port):
    with Qnet.SslSocket() as socket:
        socket.connect_to_host_encrypted(host, port)
        socket.wait_for_encrypted(PATIENCE)
        certificate = socket.get_peer_certificate()

        return f"{certificate.get_subject_name()}, signed by {certificate.get_issuer_name()}"


def port(text):
    number = int(text)
    if not 0 < number < 65536:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text}")
    return number


parser = argparse.ArgumentParser(description="Connects to a server of a private authority.")
parser.add_argument("authority", help="trust only this PEM file")
parser.add_argument("host")
parser.add_argument("port", type=port)
arguments = parser.parse_args()

try:
    # The default of everything that is created from now on
    Qnet.SslConfiguration().with_database_file(arguments.authority).set_default()
    print(describe_server(arguments.host, arguments.port))
except GLib.Error as error:
    sys.exit(error.message)
