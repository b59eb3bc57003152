#!/usr/bin/python3
#
# test-load-balancers.py: servers behind HAProxy and nginx, which send PROXY headers
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

import tap
from peers import LOCAL_HOST, GLib, Qnet, QnetCase, closed_port, iterate_until

CLIENT = "127.0.0.5"  # an address of this machine that no balancer uses
PATIENCE = 30         # seconds; only what is broken needs so many

certificates = os.environ.get("QNET_TEST_CERTIFICATES")
nginx_module = "/usr/lib/nginx/modules/ngx_stream_module.so"

HAPROXY = """
global
    maxconn 100
    unix-bind mode 600
defaults
    mode tcp
    timeout connect 10s
    timeout client 60s
    timeout server 60s
listen balancer
    bind 127.0.0.1:{port}
    unique-id-format id-%[src]
    server ours 127.0.0.1:{ours} {options}
"""

NGINX = """
load_module {module};
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
worker_processes 1;
events {{ worker_connections 64; }}
stream {{
    server {{ listen 127.0.0.1:{port}; proxy_pass 127.0.0.1:{ours}; proxy_protocol on; }}
}}
"""


def find(program):
    return shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")


def trust(*networks):
    proxies = Qnet.AddressFilter(default_allowed=False)
    for network in networks:
        proxies.add_allow(network)
    return proxies


class Balanced(QnetCase):
    kind = Qnet.TcpServer

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.server = self.kind(trusted_proxies=trust("127.0.0.1"))
        self.errors, self.refused = [], []
        self.server.connect("accept-error", lambda _, error: self.errors.append(error.message))
        self.addCleanup(self.server.close)

    def listen(self):
        self.server.listen(LOCAL_HOST, 0)
        return self.server.props.server_port

    def start(self, text, command, **values):
        """Starts a balancer; returns its port, on which it listens."""
        port = closed_port()
        config = os.path.join(self.folder, "config")
        with open(config, "w", encoding="utf-8") as file:
            file.write(text.format(port=port, ours=self.listen(), folder=self.folder, **values))

        log = open(os.path.join(self.folder, "log"), "w+", encoding="utf-8")
        self.addCleanup(log.close)
        process = subprocess.Popen([word.format(config=config, folder=self.folder)
                                    for word in command], stdout=log, stderr=log)
        self.addCleanup(self.stop, process)
        self.await_port(process, port, log)
        return port

    def stop(self, process):
        process.terminate()
        process.wait()

    def await_port(self, process, port, log):
        """The first connection is not passed on: it is reset before the server can see it."""
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit and process.poll() is None:
            with open(f"/proc/{process.pid}/net/tcp", encoding="utf-8") as table:
                if any(f"0100007F:{port:04X} 00000000:0000 0A" in line for line in table):
                    return
            time.sleep(0.02)
        log.seek(0)
        self.fail("the balancer does not listen: " + log.read())

    def haproxy(self, options):
        if find("haproxy") is None:
            self.skipTest("haproxy is not installed")
        return self.start(HAPROXY, [find("haproxy"), "-db", "-f", "{config}"], options=options)

    def nginx(self):
        if find("nginx") is None or not os.path.exists(nginx_module):
            self.skipTest("nginx is not installed, or its module for streams")
        return self.start(NGINX, [find("nginx"), "-p", "{folder}", "-c", "{config}",
                                  "-e", "stderr"], module=nginx_module)

    def connect(self, port):
        client = socket.create_connection(("127.0.0.1", port), PATIENCE,
                                          source_address=(CLIENT, 0))
        self.addCleanup(client.close)
        return client

    def accept(self):
        iterate_until(self.server.has_pending_connections)
        return self.server.next_pending_connection()

    def assert_passed_on(self, ours, client, port, version):
        header = ours.get_proxy_header()

        self.assertEqual((ours.get_peer_address().to_string(), ours.get_peer_port()),
                         client.getsockname())
        self.assertEqual(ours.get_proxied_by().to_string(), "127.0.0.1")
        self.assertEqual((header.get_version(), header.get_destination_port()), (version, port))

    def talk(self, port, version):
        client = self.connect(port)
        client.sendall(b"question")
        ours = self.accept()
        self.assert_passed_on(ours, client, port, version)
        iterate_until(lambda: ours.get_bytes_available() == 8)
        self.assertEqual(ours.read_bytes(8).get_data(), b"question")
        ours.write(b"answer")
        iterate_until(lambda: ours.get_bytes_to_write() == 0)
        self.assertEqual(client.recv(100), b"answer")
        return ours.get_proxy_header()

    def test_haproxy_line(self):
        """HAProxy with version 1: the peer is its client, from the first byte on."""
        self.talk(self.haproxy("send-proxy"), 1)
        self.assertEqual(self.errors, [])

    def test_haproxy_binary(self):
        """HAProxy with version 2, a checksum, and an identifier of the connection."""
        port = self.haproxy("send-proxy-v2 proxy-v2-options crc32c,unique-id")
        header = self.talk(port, 2)

        self.assertEqual(header.get_field(Qnet.ProxyHeaderField.UNIQUE_ID).get_data(),
                         b"id-" + CLIENT.encode())
        self.assertEqual(header.get_field(Qnet.ProxyHeaderField.CRC32C).get_size(), 4)
        self.assertEqual(self.errors, [])

    def test_haproxy_checks(self):
        """HAProxy's checks of health are connections of its own, and it continues."""
        checks, clients = [], []

        def new_connection(server):  # a check ends at once, and then nothing is known of it
            ours = server.next_pending_connection()
            if ours.get_proxy_header().is_local():
                checks.append(ours.get_peer_address().to_string())
            else:
                clients.append(ours)

        self.server.connect("new-connection", new_connection)
        port = self.haproxy("send-proxy-v2 check inter 50ms check-send-proxy")
        iterate_until(lambda: len(checks) >= 3)
        self.assertEqual(set(checks), {"127.0.0.1"})

        client = self.connect(port)
        iterate_until(lambda: clients)
        self.assert_passed_on(clients[0], client, port, 2)
        self.assertEqual(self.errors, [])

    def test_nginx(self):
        """nginx: the peer is its client."""
        self.talk(self.nginx(), 1)
        self.assertEqual(self.errors, [])

    def test_not_trusted(self):
        """A balancer that is not trusted is refused, and its client is disconnected."""
        self.server.set_trusted_proxies(trust("192.0.2.0/24"))
        client = self.connect(self.haproxy("send-proxy"))
        iterate_until(lambda: self.server.get_refused_connections() > 0)

        self.assertEqual(client.recv(100), b"")
        self.assertFalse(self.server.has_pending_connections())

    def test_without_header(self):
        """A balancer that sends no header is an error that says so."""
        client = self.connect(self.haproxy(""))
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        iterate_until(lambda: self.errors)

        self.assertIn("does not begin with a PROXY header", self.errors[0])
        self.assertFalse(self.server.has_pending_connections())


    def connect_ours(self, port, header):
        client = Qnet.TcpSocket()
        client.connect_to_host("127.0.0.1", port)
        client.write(header.to_bytes(2).get_data())
        return client

    def test_own_client(self):
        """A client of ours writes the header in front of all other data, while it connects."""
        header = Qnet.ProxyHeader.new("192.0.2.1", 4711, Qnet.HostAddress.from_string("192.0.2.2"),
                                      443)
        client = self.connect_ours(self.listen(), header)
        client.write(b"question")
        ours = self.accept()

        self.assertEqual((ours.get_peer_address().to_string(), ours.get_peer_port()),
                         ("192.0.2.1", 4711))
        self.assertEqual(ours.get_proxied_by().to_string(), "127.0.0.1")
        iterate_until(lambda: ours.get_bytes_available() == 8)
        self.assertEqual(ours.read_bytes(8).get_data(), b"question")
        self.assertEqual(self.errors, [])
        client.abort()


@unittest.skipUnless(certificates and hasattr(Qnet, "SslServer"), "TLS is missing")
class Encrypted(Balanced):
    """The header comes before the handshake."""

    kind = Qnet.SslServer

    def setUp(self):
        super().setUp()
        self.server.set_certificate_files(f"{certificates}/server.pem", None)

    def connect(self, port):
        client = super().connect(port)
        self.address = client.getsockname()
        context = ssl.create_default_context(cafile=f"{certificates}/ca.pem")
        self.outcome = []

        def handshake():
            try:
                self.outcome.append(context.wrap_socket(client, server_hostname="localhost"))
            except OSError as error:
                self.outcome.append(error)
            GLib.MainContext.default().wakeup()

        thread = threading.Thread(target=handshake)
        thread.start()
        self.addCleanup(thread.join)
        return client

    def talk(self, port, version):
        self.connect(port)
        ours = self.accept()
        iterate_until(lambda: self.outcome)
        encrypted = self.outcome[0]
        self.assertIsInstance(encrypted, ssl.SSLSocket)
        self.addCleanup(encrypted.close)
        self.assertEqual((ours.get_peer_address().to_string(), ours.get_peer_port()),
                         self.address)
        self.assertEqual(ours.get_proxy_header().get_version(), version)
        self.assertTrue(ours.is_encrypted())
        ours.write(b"answer")
        iterate_until(lambda: ours.get_bytes_to_write() == 0)
        self.assertEqual(encrypted.recv(100), b"answer")
        return ours.get_proxy_header()

    def connect_ours(self, port, header):
        configuration = Qnet.SslConfiguration().with_database_file(f"{certificates}/ca.pem")
        client = Qnet.SslSocket(ssl_configuration=configuration)
        client.connect_to_host("localhost", port)
        self.assertTrue(client.wait_for_connected(PATIENCE * 1000))
        client.write(header.to_bytes(2).get_data())
        client.start_client_encryption()
        return client

    def test_haproxy_checks(self):
        self.skipTest("checks do not speak TLS")

    test_not_trusted = test_without_header = None


if __name__ == "__main__":
    tap.main()
