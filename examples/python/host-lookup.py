#!/usr/bin/python3
#
# host-lookup.py: prints the addresses of names, and the names of addresses
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import argparse
import sys

import gi

gi.require_version("Qnet", "1")
from gi.repository import GLib, Qnet


class LookUps:
    """All at the same time: the answers arrive in the order in which they are found."""

    def __init__(self, texts):
        self.loop = GLib.MainLoop()
        self.pending = len(texts)
        self.errors = 0

        for text in texts:
            if address := Qnet.HostAddress.from_string(text):
                Qnet.HostInfo.lookup_address_async(address, callback=self.on_name)
            else:
                Qnet.HostInfo.lookup_host_async(text, callback=self.on_addresses)

    def run(self):
        self.loop.run()
        return self.errors

    def on_addresses(self, source, result):
        self.end(Qnet.HostInfo.lookup_host_finish, result, "{name} has address {address}")

    def on_name(self, source, result):
        self.end(Qnet.HostInfo.lookup_address_finish, result, "{address} is {name}")

    def end(self, finish, result, words):
        try:
            info = finish(result)
            for address in info.get_addresses():
                print(words.format(name=info.get_host_name(), address=address))
        except GLib.Error as error:
            print(error.message, file=sys.stderr)
            self.errors += 1

        self.pending -= 1
        if self.pending == 0:
            self.loop.quit()


parser = argparse.ArgumentParser(description="Looks up names and addresses.")
parser.add_argument("text", nargs="+", metavar="NAME|ADDRESS")

sys.exit(1 if LookUps(parser.parse_args().text).run() else 0)
