// test-dtls.js: encrypted datagrams in JavaScript
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';

import { LOCAL_HOST } from './peers.js';
import { equal, ok, run, test, text } from './tap.js';

const certificates = GLib.getenv('QNET_TEST_CERTIFICATES');

function path(name) {
    return `${certificates}/${name}.pem`;
}

function newSocket() {
    const socket = new Qnet.UdpSocket();
    socket.bind(LOCAL_HOST, 0, Qnet.BindFlags.DEFAULT_FOR_PLATFORM);
    return socket;
}

function meet(verifier, socket, datagram) {
    const data = datagram.get_bytes();
    const address = datagram.get_sender_address();
    const port = datagram.get_sender_port();

    try {
        verifier.verify_client(socket, data, address, port);
    } catch (error) {
        ok(error.matches(Qnet.SocketError, Qnet.SocketError.TEMPORARY));
        return null;
    }

    const dtls = new Qnet.Dtls({ mode: Qnet.SslMode.SERVER });
    dtls.set_peer(address, port, null);
    dtls.set_certificate(Gio.TlsCertificate.new_from_file(path('server')));
    dtls.do_handshake(socket, data);
    return dtls;
}

if (certificates) {
    test('a client and a server exchange encrypted datagrams', () => new Promise(resolve => {
        const serverSocket = newSocket();
        const clientSocket = newSocket();
        const verifier = new Qnet.DtlsClientVerifier();
        const client = new Qnet.Dtls({ mode: Qnet.SslMode.CLIENT });
        let server = null;

        client.set_peer(LOCAL_HOST, serverSocket.get_local_port(), 'localhost');
        client.database = Gio.TlsFileDatabase.new(path('ca'));

        serverSocket.connect('ready-read', () => {
            while (serverSocket.has_pending_datagrams()) {
                const datagram = serverSocket.receive_datagram(0);
                if (!server)
                    server = meet(verifier, serverSocket, datagram);
                else if (!server.is_encrypted())
                    server.do_handshake(serverSocket, datagram.get_bytes());
                else
                    server.write_datagram_encrypted(serverSocket,
                        server.decrypt_datagram(serverSocket, datagram.get_bytes()));
            }
        });
        clientSocket.connect('ready-read', () => {
            while (clientSocket.has_pending_datagrams()) {
                const data = clientSocket.receive_datagram(0).get_bytes();
                if (!client.is_encrypted()) {
                    client.do_handshake(clientSocket, data);
                    if (client.is_encrypted())
                        client.write_datagram_encrypted(clientSocket, new GLib.Bytes('echo'));
                } else {
                    equal(text(client.decrypt_datagram(clientSocket, data).toArray()), 'echo');
                    resolve();
                }
            }
        });
        client.do_handshake(clientSocket, null);
    }));
} else {
    test('DTLS # SKIP openssl, which makes the certificates, is not installed', () => {});
}

await run();
