// test-ssl.js: TLS in JavaScript
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';

import { LOCAL_HOST } from './peers.js';
import { bytes, equal, failureOf, isError, ok, run, test, text } from './tap.js';

const { PRIORITY_DEFAULT } = GLib;
const certificates = GLib.getenv('QNET_TEST_CERTIFICATES');

function path(name) {
    return `${certificates}/${name}.pem`;
}

function listen(certificate) {
    const server = new Qnet.SslServer();
    server.set_certificate_files(path(certificate), null);
    server.listen(LOCAL_HOST, 0);
    return server;
}

function newClient() {
    const client = new Qnet.SslSocket();
    client.set_database_file(path('ca'));
    return client;
}

async function read(socket, size) {
    const result = await socket.read_bytes_async(size, PRIORITY_DEFAULT, null);
    return text(result.toArray());
}

if (certificates) {
    test('connect_to_host_encrypted_async() ends when encrypted', async () => {
        const server = listen('server');
        const client = newClient();
        const accepted = server.accept_async(PRIORITY_DEFAULT, null);
        equal(await client.connect_to_host_encrypted_async('127.0.0.1', server.server_port, PRIORITY_DEFAULT, null), true);
        const far = await accepted;

        equal([client.is_encrypted, far.is_encrypted, client.session_protocol], [true, true, 'TLSv1.3']);
        client.write(bytes('question'));
        equal(await read(far, 100), 'question');
        client.abort();
        server.close();
    });

    test('a bad certificate is a rejection, and its errors are flags', async () => {
        const server = listen('expired');
        const client = newClient();
        let heard = null;
        client.connect('ssl-errors', (_, errors, certificate) => {
            heard = [errors, certificate instanceof Gio.TlsCertificate];
        });
        isError(await failureOf(() => client.connect_to_host_encrypted_async('127.0.0.1', server.server_port,
            PRIORITY_DEFAULT, null)), Qnet.SocketError.SSL_HANDSHAKE_FAILED);
        equal(heard, [Gio.TlsCertificateFlags.EXPIRED, true]);
        server.close();
    });

    test('start_client_encryption_async() and start_server_encryption_async() in the middle of a connection', async () => {
        const plain = new Qnet.TcpServer();
        plain.listen(LOCAL_HOST, 0);
        const accepted = plain.accept_async(PRIORITY_DEFAULT, null);
        const client = newClient();
        await client.connect_to_host_async('127.0.0.1', plain.server_port, PRIORITY_DEFAULT, null);
        await accepted;
        plain.close();

        // The other end is told nothing: a handshake that waits for it is cancelled.
        const cancellable = new Gio.Cancellable();
        const started = failureOf(() => client.start_client_encryption_async(PRIORITY_DEFAULT, cancellable));
        cancellable.cancel();
        ok((await started).matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED), 'cancelled');
        isError(await failureOf(() => client.start_server_encryption_async(PRIORITY_DEFAULT, null)),
            Qnet.SocketError.OPERATION);
    });
} else {
    test('TLS # SKIP openssl is not here, which makes the certificates', () => {});
}

await run();
