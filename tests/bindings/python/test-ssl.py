#!/usr/bin/python3
#
# test-ssl.py: TLS in Python
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import socket
import ssl
import threading
import unittest

import tap
from peers import LOCAL_HOST, PATIENCE, GLib, Qnet, QnetCase, iterate_until

from gi.repository import Gio

certificates = os.environ.get("QNET_TEST_CERTIFICATES")


def path(name):
    return f"{certificates}/{name}.pem"


class Call:
    """One call of an _async function, and its outcome."""

    def __init__(self, owner, name, *arguments):
        self.finish = getattr(owner, name + "_finish")
        self.value = self.error = None
        self.done = False
        getattr(owner, name + "_async")(*arguments, GLib.PRIORITY_DEFAULT, None, self.callback)

    def callback(self, source, result):
        self.done = True
        try:
            self.value = self.finish(result)
        except GLib.Error as error:
            self.error = error

    def wait(self):
        iterate_until(lambda: self.done)
        return self


@unittest.skipUnless(certificates, "openssl is not here, which makes the certificates")
class Ssl(QnetCase):
    def setUp(self):
        self.server = Qnet.SslServer()
        self.server.set_certificate_files(path("server"), None)
        self.server.listen(LOCAL_HOST, 0)
        self.client = Qnet.SslSocket()
        self.client.set_database_file(path("ca"))

    def tearDown(self):
        self.client.abort()
        self.server.close()

    def connect_encrypted(self):
        call = Call(self.client, "connect_to_host_encrypted", "127.0.0.1", self.server.props.server_port)
        iterate_until(self.server.has_pending_connections)
        return call.wait(), self.server.next_pending_connection()

    def test_talks(self):
        """Bytes go both ways, and both sides know what was agreed upon."""
        call, far = self.connect_encrypted()
        self.assertTrue(call.value)
        self.assertIsInstance(far, Qnet.SslSocket)
        self.assertTrue(self.client.props.is_encrypted and far.props.is_encrypted)
        self.assertEqual(self.client.props.session_protocol, "TLSv1.3")

        self.client.write(b"question")
        iterate_until(lambda: far.props.bytes_available == 8)
        far.write(far.read_all())
        iterate_until(lambda: self.client.props.bytes_available == 8)
        self.assertEqual(self.client.read(8), b"question")

    def test_refused(self):
        """A bad certificate is an exception of the finish function, and its errors are flags."""
        heard = []
        self.server.set_certificate_files(path("expired"), None)
        self.client.connect("ssl-errors", lambda _, errors, certificate: heard.append((errors, certificate)))
        call = Call(self.client, "connect_to_host_encrypted", "127.0.0.1", self.server.props.server_port).wait()
        self.assert_error(call.error, Qnet.SocketError.SSL_HANDSHAKE_FAILED)
        self.assertEqual(heard[0][0], Gio.TlsCertificateFlags.EXPIRED)
        self.assertIsInstance(heard[0][1], Gio.TlsCertificate)

    def test_ignored(self):
        """A handler lets a certificate pass."""
        self.server.set_certificate_files(path("self-signed"), None)
        self.client.connect("ssl-errors", lambda client, *what: client.ignore_ssl_errors_full(*what))
        call, _ = self.connect_encrypted()
        self.assertTrue(call.value)

    def test_starttls(self):
        """Both sides begin to encrypt in the middle of a connection."""
        plain = Qnet.TcpServer()
        plain.listen(LOCAL_HOST, 0)
        self.client.connect_to_host("127.0.0.1", plain.props.server_port)
        iterate_until(plain.has_pending_connections)
        far = Qnet.SslSocket()
        connection = plain.next_pending_connection().steal_connection()
        far.set_socket_descriptor(os.dup(connection.get_socket().get_fd()), Qnet.SocketState.CONNECTED,
                                  Qnet.OpenMode.READ_WRITE)
        far.set_certificate_files(path("server"), None)
        iterate_until(lambda: self.client.props.state == Qnet.SocketState.CONNECTED)

        server_side = Call(far, "start_server_encryption")
        client_side = Call(self.client, "start_client_encryption").wait()
        self.assertTrue(client_side.value and server_side.wait().value)
        far.abort()

    def test_python_client(self):
        """Python's own TLS client talks to a server, with each version."""
        for version in ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3:
            with self.subTest(version=version):
                context = ssl.create_default_context(cafile=path("ca"))
                context.minimum_version = context.maximum_version = version
                answers = []

                def talk():
                    with socket.create_connection(("127.0.0.1", self.server.props.server_port)) as raw, \
                            context.wrap_socket(raw, server_hostname="localhost") as peer:
                        peer.sendall(b"question")
                        answers.append(peer.recv(100))
                        answers.append(peer.recv(100))

                thread = threading.Thread(target=talk)
                thread.start()
                iterate_until(self.server.has_pending_connections)
                far = self.server.next_pending_connection()
                iterate_until(lambda: far.props.bytes_available == 8)
                self.assertEqual(far.props.session_protocol, version.name.replace("_", "."))
                far.write(b"answer")
                far.disconnect_from_host()
                iterate_until(lambda: far.props.state == Qnet.SocketState.UNCONNECTED)
                thread.join(PATIENCE / 1000)
                self.assertEqual(answers, [b"answer", b""])

    def test_python_server(self):
        """A client talks to Python's own TLS server, with each version."""
        for version in ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3:
            with self.subTest(version=version):
                context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
                context.load_cert_chain(path("server"))
                context.minimum_version = context.maximum_version = version
                listener = socket.create_server(("127.0.0.1", 0))

                def serve():
                    raw, _ = listener.accept()
                    with raw, context.wrap_socket(raw, server_side=True) as peer:
                        peer.sendall(peer.recv(100).upper())
                        peer.unwrap()

                thread = threading.Thread(target=serve)
                thread.start()
                client = Qnet.SslSocket()
                client.set_database_file(path("ca"))
                client.connect_to_host_encrypted("127.0.0.1", listener.getsockname()[1])
                client.write(b"question")
                iterate_until(lambda: client.props.bytes_available == 8)
                self.assertEqual(client.props.session_protocol, version.name.replace("_", "."))
                self.assertEqual(client.read_all(), b"QUESTION")
                iterate_until(lambda: client.props.state == Qnet.SocketState.UNCONNECTED)
                thread.join(PATIENCE / 1000)
                listener.close()

    def test_wait(self):
        """Without a loop: wait_for_encrypted()."""
        thread = threading.Thread(target=self.blocking_client)
        thread.start()
        iterate_until(self.server.has_pending_connections)
        far = self.server.next_pending_connection()
        iterate_until(lambda: far.props.bytes_available == 4)
        self.assertEqual(far.read_all(), b"done")
        thread.join(PATIENCE / 1000)

    def blocking_client(self):
        client = Qnet.SslSocket()
        client.set_database_file(path("ca"))
        client.connect_to_host_encrypted("127.0.0.1", self.server.props.server_port)
        client.wait_for_encrypted(PATIENCE)
        client.write(b"done")
        client.wait_for_bytes_written(PATIENCE)


if __name__ == "__main__":
    tap.main()
