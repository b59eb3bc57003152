#!/usr/bin/python3
#
# interfaces.py: prints the network interfaces of this machine, one per line
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import argparse

import gi

gi.require_version("Qnet", "1")
from gi.repository import Qnet

Flags = Qnet.InterfaceFlags


def describe_state(flags):
    if not flags & Flags.IS_UP:
        return "DOWN"
    return "UP" if flags & Flags.IS_RUNNING else "WAITING"


argparse.ArgumentParser(description="Prints the network interfaces of this machine.").parse_args()

for interface in Qnet.NetworkInterface.list_all():
    state = describe_state(interface.get_flags())
    addresses = " ".join(str(entry) for entry in interface.get_address_entries())
    print(f"{interface.get_name():16} {state:8} {interface.get_hardware_address():18} {addresses}")
