#!/usr/bin/python3
#
# test-ssl.py: TLS in Python
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import socket
import ssl
import tempfile
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


@unittest.skipUnless(certificates, "openssl, which makes the certificates, is not installed")
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
        call = Call(self.client, "connect_to_host_encrypted", "127.0.0.1",
                    self.server.props.server_port)
        iterate_until(self.server.has_pending_connections)
        return call.wait(), self.server.next_pending_connection()

    def test_talks(self):
        """Bytes go both ways, and both sides know what was agreed upon."""
        call, far = self.connect_encrypted()
        self.assertTrue(call.value)
        self.assertIsInstance(far, Qnet.SslSocket)
        self.assertTrue(self.client.props.encrypted and far.props.encrypted)
        self.assertEqual(self.client.props.session_protocol, "TLSv1.3")

        self.client.write(b"question")
        iterate_until(lambda: far.props.bytes_available == 8)
        far.write(far.read_all())
        iterate_until(lambda: self.client.props.bytes_available == 8)
        self.assertEqual(self.client.read(8), b"question")

    def test_connectable(self):
        """What GIO describes is connected to and encrypted, and a service of a domain is, too."""
        address = Gio.NetworkAddress.new("127.0.0.1", self.server.props.server_port)
        self.assertTrue(Call(self.client, "connect_to_connectable_encrypted", address).wait().value)
        self.assertTrue(self.client.props.encrypted)
        self.client.abort()

        call = Call(self.client, "connect_to_service_encrypted", "imaps", "none..invalid").wait()
        self.assertEqual(call.error.domain, "qnet-socket-error-quark")

    def test_information(self):
        """What is known about the connection, and the bytes that identify it."""
        with self.assertRaises(GLib.Error) as caught:
            self.client.get_channel_binding(Gio.TlsChannelBindingType.EXPORTER)
        self.assertTrue(caught.exception.matches(Qnet.SocketError.quark(),
                                                 Qnet.SocketError.OPERATION))
        _, far = self.connect_encrypted()
        chain = self.client.get_peer_certificate_chain()
        self.assertEqual(chain, [self.client.props.peer_certificate])
        self.assertEqual(far.get_peer_certificate_chain(), [])
        self.assertEqual(self.client.props.session_group, far.get_session_group())
        types = Gio.TlsChannelBindingType
        for kind in types.EXPORTER, types.SERVER_END_POINT:
            ours, theirs = (side.get_channel_binding(kind) for side in (self.client, far))
            self.assertEqual(ours.get_data(), theirs.get_data())
            self.assertEqual(ours.get_size(), 32)

    def test_key_log(self):
        """Keys are written only to a file that the program names."""
        with tempfile.TemporaryDirectory() as folder:
            Qnet.SslSocket.set_key_log_file(f"{folder}/keys")
            self.connect_encrypted()
            Qnet.SslSocket.set_key_log_file(None)
            with open(f"{folder}/keys", encoding="ascii") as file:
                self.assertIn("CLIENT_TRAFFIC_SECRET_0 ", file.read())
        with self.assertRaises(GLib.Error):
            Qnet.SslSocket.set_key_log_file(f"{folder}/keys")

    def test_stapling(self):
        """A certificate that requires an OCSP response is valid only with it."""
        self.server.set_certificate_files(path("must-staple"), None)
        certificate = self.server.props.certificate
        call = Call(self.client, "connect_to_host_encrypted", "127.0.0.1",
                    self.server.props.server_port).wait()
        self.assertIn("requires an OCSP response", call.error.message)

        with self.assertRaises(GLib.Error):
            Qnet.ssl_set_ocsp_response(certificate, GLib.Bytes.new(b"garbage"))
        Qnet.ssl_set_ocsp_response_file(certificate, f"{certificates}/must-staple.ocsp")
        call, _ = self.connect_encrypted()
        self.assertTrue(call.value)
        with open(f"{certificates}/must-staple.ocsp", "rb") as file:
            self.assertEqual(self.client.props.ocsp_response.get_data(), file.read())

    def test_refused(self):
        """An invalid certificate is an exception of the finish function, and its errors are
        flags."""
        received = []
        self.server.set_certificate_files(path("expired"), None)
        self.client.connect("ssl-errors", lambda _, errors,
                            certificate: received.append((errors, certificate)))
        call = Call(self.client, "connect_to_host_encrypted", "127.0.0.1",
                    self.server.props.server_port).wait()
        self.assert_error(call.error, Qnet.SocketError.SSL_HANDSHAKE_FAILED)
        self.assertEqual(received[0][0], Gio.TlsCertificateFlags.EXPIRED)
        self.assertIsInstance(received[0][1], Gio.TlsCertificate)

    def test_ignored(self):
        """A handler can accept a certificate."""
        self.server.set_certificate_files(path("self-signed"), None)
        self.client.connect("ssl-errors", lambda client,
                            *what: client.ignore_ssl_errors_full(*what))
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
        far.set_fd(os.dup(connection.get_socket().get_fd()),
                                  Qnet.SocketState.CONNECTED,
                                  Qnet.OpenMode.READ_WRITE)
        far.set_certificate_files(path("server"), None)
        iterate_until(lambda: self.client.props.state == Qnet.SocketState.CONNECTED)

        server_side = Call(far, "start_server_encryption")
        client_side = Call(self.client, "start_client_encryption").wait()
        self.assertTrue(client_side.value and server_side.wait().value)
        far.abort()

    def test_in_front(self):
        """A server reads a line in front of the handshake, and passes on what came with it."""
        server = Qnet.TcpServer()
        server.listen(LOCAL_HOST, 0)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.create_default_context(cafile=path("ca"))
        half = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
        with self.assertRaises(ssl.SSLWantReadError):
            half.do_handshake()
        descriptors = []
        server.connect("new-connection", lambda _: descriptors.append(
            server.next_pending_connection().steal_connection()))

        with socket.create_connection(("127.0.0.1", server.props.server_port)) as peer:
            peer.sendall(b"PROXY UNKNOWN\r\n" + outgoing.read())
            iterate_until(lambda: descriptors)
            near = Qnet.SslSocket()
            near.set_certificate_files(path("server"), None)
            near.set_fd(os.dup(descriptors[0].get_socket().get_fd()),
                        Qnet.SocketState.CONNECTED, Qnet.OpenMode.READ_WRITE)
            iterate_until(lambda: near.props.bytes_available > 100)
            self.assertEqual(near.read_line(), b"PROXY UNKNOWN\r\n")
            server_side = Call(near, "start_server_encryption_with_input",
                               near.read_all())
            peer.setblocking(False)

            def finish():
                try:
                    incoming.write(peer.recv(65536))
                except BlockingIOError:
                    return False
                try:
                    half.do_handshake()
                except ssl.SSLWantReadError:
                    return False
                peer.sendall(outgoing.read())
                return True

            iterate_until(finish)
            self.assertTrue(server_side.wait().value)
            near.abort()
        server.close()

    def test_python_client(self):
        """Python's own TLS client and a server exchange data, with each version."""
        for version in ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3:
            with self.subTest(version=version):
                context = ssl.create_default_context(cafile=path("ca"))
                context.minimum_version = context.maximum_version = version
                port = self.server.props.server_port
                answers = []

                def talk():
                    with socket.create_connection(("127.0.0.1", port)) as raw, \
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
        """A client and Python's own TLS server exchange data, with each version."""
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

    def test_handshake_failed(self):
        """A server reports a handshake that has failed, with its socket."""
        reports = []
        self.server.connect("handshake-failed", lambda _, *values: reports.append(values))
        with socket.create_connection(("127.0.0.1", self.server.props.server_port)) as peer:
            peer.sendall(b"this is no TLS")
            iterate_until(lambda: reports)

        self.assertIsInstance(reports[0][0], Qnet.SslSocket)
        self.assertTrue(reports[0][1].matches(Qnet.SocketError,
                                              Qnet.SocketError.SSL_HANDSHAKE_FAILED))
        self.assertFalse(self.server.has_pending_connections())

    def test_wait(self):
        """Without a loop: wait_for_encrypted()."""
        thread = threading.Thread(target=self.blocking_client,
                                  args=(self.server.props.server_port,))
        thread.start()
        iterate_until(self.server.has_pending_connections)
        far = self.server.next_pending_connection()
        iterate_until(lambda: far.props.bytes_available == 4)
        self.assertEqual(far.read_all(), b"done")
        thread.join(PATIENCE / 1000)

    def test_wait_refused(self):
        """A client without the certificate that a server demands is encrypted first: the next wait
        fails with the reason, once."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path("server"))
        context.load_verify_locations(path("ca"))
        context.verify_mode = ssl.CERT_REQUIRED
        listener = socket.create_server(("127.0.0.1", 0))

        def refuse():
            connection, _ = listener.accept()
            with connection, self.assertRaises(ssl.SSLError):
                context.wrap_socket(connection, server_side=True)

        thread = threading.Thread(target=refuse)
        thread.start()
        self.client.connect("encrypted", lambda _: thread.join(PATIENCE / 1000))
        self.client.set_peer_verify_name("localhost")
        self.client.connect_to_host_encrypted("127.0.0.1", listener.getsockname()[1])
        self.assertTrue(self.client.wait_for_encrypted(PATIENCE))
        with self.assertRaisesRegex(GLib.Error, "certificate"):
            self.client.wait_for_ready_read(PATIENCE)
        with self.assertRaisesRegex(GLib.Error, "not connected"):
            self.client.wait_for_ready_read(PATIENCE)
        listener.close()

    def test_configuration(self):
        """A configuration has all settings; invalid values are exceptions, and it can be the
        default."""
        empty = Qnet.SslConfiguration.new()
        full = (empty.with_certificate_files(path("server"), None)
                .with_database_file(path("ca"))
                .with_peer_verify_mode(Qnet.SslPeerVerifyMode.VERIFY)
                .with_peer_verify_depth(3)
                .with_authority_names(False)
                .with_minimum_version(Gio.TlsProtocolVersion.TLS_1_3)
                .with_priority("NORMAL")
                .with_advertised_protocols(["h2"])
                .with_session_tickets(False)
                .with_session_ticket(b"x"))
        self.assertEqual(
            (full.get_peer_verify_depth(), full.get_priority(), full.get_advertised_protocols(),
             full.get_session_tickets(), full.get_session_ticket().get_data()),
            (3, "NORMAL", ["h2"], False, b"x"))
        self.assertEqual(full.with_session_ticket(GLib.Bytes.new(b"x")), full)
        self.assertIsNone(full.with_session_ticket(None).get_session_ticket())
        with self.assertRaisesRegex(TypeError, "bytes"):
            empty.with_session_ticket("x")
        self.assertIsInstance(full.get_certificate(), Gio.TlsCertificate)
        self.assertEqual((full.get_certificate_errors(), full.get_authority_names()), (0, False))
        self.assertEqual(empty.with_certificate_files(path("expired"), None)
                         .get_certificate_errors(), Gio.TlsCertificateFlags.EXPIRED)
        self.assertIsInstance(full.get_database(), Gio.TlsDatabase)
        self.assertEqual(full, full.with_peer_verify_depth(3))
        self.assertEqual(hash(full), hash(full.with_peer_verify_depth(3)))
        self.assertNotEqual(full, empty)

        with self.assertRaisesRegex(GLib.Error, "NONSENSE"):
            empty.with_priority("NONSENSE")
        with self.assertRaisesRegex(TypeError, "list"):
            empty.with_advertised_protocols("h2")
        with self.assertRaisesRegex(GLib.Error, "A name is empty"):
            empty.with_advertised_protocols(["h2", ""])
        with self.assertRaisesRegex(TypeError, "None"):
            self.client.props.ssl_configuration = None

        before = Qnet.SslConfiguration.get_default()
        full.set_default()
        self.assertEqual(Qnet.SslSocket().props.ssl_configuration, full)
        before.set_default()
        self.client.props.ssl_configuration = full
        self.assertEqual(self.client.get_peer_verify_mode(), Qnet.SslPeerVerifyMode.VERIFY)

    def test_certificate(self):
        """A certificate is checked when it is set."""
        certificate = Gio.TlsCertificate.new_from_file(path("server"))
        self.assertTrue(self.client.set_certificate(certificate))
        self.assertEqual(self.client.props.certificate, certificate)
        with self.assertRaisesRegex(GLib.Error, "private key"):
            self.client.set_certificate(
                Gio.TlsCertificate.new_from_pem(certificate.props.certificate_pem, -1))
        self.assertTrue(self.server.set_certificate_for_name("a.example", certificate))

    def blocking_client(self, port):
        client = Qnet.SslSocket()
        client.set_database_file(path("ca"))
        client.connect_to_host_encrypted("127.0.0.1", port)
        client.wait_for_encrypted(PATIENCE)
        client.write(b"done")
        client.wait_for_bytes_written(PATIENCE)


if __name__ == "__main__":
    tap.main()
