#!/usr/bin/python3
#
# test-dtls.py: encrypted datagrams in Python
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import unittest

import tap
from peers import LOCAL_HOST, GLib, Qnet, QnetCase, iterate_until

from gi.repository import Gio

certificates = os.environ.get("QNET_TEST_CERTIFICATES")


def path(name):
    return f"{certificates}/{name}.pem"


class Side:
    """A socket, and one DTLS connection on it."""

    def __init__(self, dtls=None):
        self.dtls = dtls
        self.received = []
        self.errors = []
        self.verifier = Qnet.DtlsClientVerifier()
        self.socket = Qnet.UdpSocket()
        self.socket.bind(LOCAL_HOST, 0, Qnet.BindFlags.DEFAULT_FOR_PLATFORM)
        self.socket.connect("ready-read", self.on_ready_read)

    def on_ready_read(self, socket):
        while socket.has_pending_datagrams():
            self.handle(socket.receive_datagram(0))

    def handle(self, datagram):
        data = datagram.get_bytes()
        try:
            if self.dtls is None:
                self.meet(datagram, data)
            elif self.dtls.is_encrypted():
                self.received.append(
                    self.dtls.decrypt_datagram(self.socket, data).get_data())
            else:
                self.dtls.do_handshake(self.socket, data)
        except GLib.Error as error:
            self.errors.append(error)

    def meet(self, datagram, data):
        address = datagram.get_sender_address()
        port = datagram.get_sender_port()
        self.verifier.verify_client(self.socket, data, address, port)
        self.dtls = Qnet.Dtls(mode=Qnet.SslMode.SERVER)
        self.dtls.set_peer(address, port, None)
        self.dtls.set_certificate(Gio.TlsCertificate.new_from_file(path("server")))
        self.dtls.do_handshake(self.socket, data)

    def send(self, data):
        self.dtls.write_datagram_encrypted(self.socket, data)


@unittest.skipUnless(certificates, "openssl, which makes the certificates, is not installed")
class Dtls(QnetCase):
    def setUp(self):
        self.server = Side()
        self.client = Side(Qnet.Dtls(mode=Qnet.SslMode.CLIENT))
        self.client.dtls.set_peer(LOCAL_HOST, self.server.socket.get_local_port(), "localhost")

    def trust(self, name):
        self.client.dtls.props.database = Gio.TlsFileDatabase.new(path(name))

    def test_talks(self):
        """Two sides perform a handshake and exchange encrypted datagrams."""
        self.trust("ca")
        self.assertTrue(self.client.dtls.do_handshake(self.client.socket, None))
        iterate_until(self.client.dtls.is_encrypted)
        self.client.send(b"question")
        iterate_until(lambda: self.server.received)
        self.server.send(b"answer")
        iterate_until(lambda: self.client.received)
        self.assertEqual(self.server.received, [b"question"])
        self.assertEqual(self.client.received, [b"answer"])
        self.assertEqual(self.client.dtls.props.session_protocol, "DTLSv1.2")
        self.assertTrue(self.client.dtls.props.session_group)
        self.assertEqual(len(self.client.dtls.get_peer_certificate_chain()), 1)
        self.assertTrue(self.server.errors[0].matches(Qnet.socket_error_quark(),
                                                      Qnet.SocketError.TEMPORARY))

    def test_refused(self):
        """A server that is not trusted is left to the program."""
        self.trust("other-ca")
        self.client.dtls.do_handshake(self.client.socket, None)
        failed = Qnet.DtlsHandshakeState.PEER_VERIFICATION_FAILED
        iterate_until(lambda: self.client.dtls.props.handshake_state == failed)
        self.assertEqual(self.client.dtls.props.peer_certificate_errors,
                         Gio.TlsCertificateFlags.UNKNOWN_CA)
        self.client.dtls.abort_handshake()
        self.assertEqual(self.client.dtls.props.handshake_state,
                         Qnet.DtlsHandshakeState.NOT_STARTED)

    def test_cookie_secret(self):
        """A secret is bytes, or GBytes."""
        for owner in Qnet.Dtls(mode=Qnet.SslMode.SERVER), self.server.verifier:
            for secret in bytes(range(32)), GLib.Bytes.new(bytes(range(32))):
                owner.set_cookie_secret(secret)
            with self.assertRaisesRegex(TypeError, "bytes"):
                owner.set_cookie_secret("text")


if __name__ == "__main__":
    tap.main()
