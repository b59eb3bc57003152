// test-ssl.js: TLS in JavaScript
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
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
        equal(await client.connect_to_host_encrypted_async('127.0.0.1', server.server_port,
                                                           PRIORITY_DEFAULT, null), true);
        const far = await accepted;

        equal([client.encrypted, far.encrypted, client.session_protocol], [true, true, 'TLSv1.3']);
        client.write(bytes('question'));
        equal(await read(far, 100), 'question');
        client.abort();
        server.close();
    });

    test('what GIO describes is connected to and encrypted, and a service is, too', async () => {
        const server = listen('server');
        const client = newClient();
        const address = Gio.NetworkAddress.new('127.0.0.1', server.server_port);

        equal(await client.connect_to_connectable_encrypted_async(address), true);
        ok(client.encrypted, 'encrypted');
        client.abort();
        const error = await failureOf(
            () => client.connect_to_service_encrypted_async('imaps', 'none..invalid'));
        equal(error.domain, Qnet.socket_error_quark());
        server.close();
    });

    test('what is known about a connection, and the bytes that identify it', async () => {
        const { EXPORTER, SERVER_END_POINT } = Gio.TlsChannelBindingType;
        const server = listen('server');
        const client = newClient();
        isError(await failureOf(() => client.get_channel_binding(EXPORTER)),
            Qnet.SocketError.OPERATION);
        const accepted = server.accept_async(PRIORITY_DEFAULT, null);
        await client.connect_to_host_encrypted_async('127.0.0.1', server.server_port,
            PRIORITY_DEFAULT, null);
        const far = await accepted;

        equal(client.get_peer_certificate_chain().length, 1);
        ok(client.get_peer_certificate_chain()[0] === client.peer_certificate, 'chain');
        equal(far.get_peer_certificate_chain(), []);
        equal(client.session_group, far.get_session_group());
        for (const type of [EXPORTER, SERVER_END_POINT]) {
            const ours = client.get_channel_binding(type);
            equal(ours.get_size(), 32);
            ok(ours.equal(far.get_channel_binding(type)), 'the same at both ends');
        }
        client.abort();
        server.close();
    });

    test('a certificate that requires an OCSP response is valid only with it', async () => {
        const server = listen('must-staple');
        const connect = async () => {
            const client = newClient();
            await client.connect_to_host_encrypted_async('127.0.0.1', server.server_port,
                PRIORITY_DEFAULT, null);
            client.abort();
            return client.ocsp_response;
        };

        isError(await failureOf(connect), Qnet.SocketError.SSL_HANDSHAKE_FAILED);
        const garbage = new GLib.Bytes(bytes('garbage'));
        isError(await failureOf(() => Qnet.ssl_set_ocsp_response(server.certificate, garbage)),
            Qnet.SocketError.SSL_INVALID_USER_DATA);
        Qnet.ssl_set_ocsp_response_file(server.certificate, `${certificates}/must-staple.ocsp`);
        const [, response] = GLib.file_get_contents(`${certificates}/must-staple.ocsp`);
        equal((await connect()).toArray(), response);
        server.close();
    });

    test('keys are written only to a file that the program names', async () => {
        const [file] = Gio.File.new_tmp('keys-XXXXXX');
        const server = listen('server');
        const client = newClient();
        Qnet.SslSocket.set_key_log_file(file.get_path());
        await client.connect_to_host_encrypted_async('127.0.0.1', server.server_port,
            PRIORITY_DEFAULT, null);
        Qnet.SslSocket.set_key_log_file(null);
        const [, content] = GLib.file_get_contents(file.get_path());
        ok(text(content).includes('CLIENT_TRAFFIC_SECRET_0 '), 'keys');
        file.delete(null);
        client.abort();
        server.close();
    });

    test('a bad certificate is a rejection, and its errors are flags', async () => {
        const server = listen('expired');
        const client = newClient();
        let received = null;
        client.connect('ssl-errors', (_, errors, certificate) => {
            received = [errors, certificate instanceof Gio.TlsCertificate];
        });
        isError(await failureOf(() => client.connect_to_host_encrypted_async('127.0.0.1',
                                                                             server.server_port,
            PRIORITY_DEFAULT, null)), Qnet.SocketError.SSL_HANDSHAKE_FAILED);
        equal(received, [Gio.TlsCertificateFlags.EXPIRED, true]);
        server.close();
    });

    test('a server reports a handshake that has failed, with its socket', async () => {
        const server = listen('server');
        const failed = new Promise(resolve => server.connect('handshake-failed',
                                                             (_, ...values) => resolve(values)));
        const client = new Qnet.TcpSocket();
        await client.connect_to_host_async('127.0.0.1', server.server_port);
        client.write('this is no TLS');
        const [socket, error] = await failed;

        ok(socket instanceof Qnet.SslSocket, 'socket');
        isError(error, Qnet.SocketError.SSL_HANDSHAKE_FAILED);
        equal(server.has_pending_connections(), false);
        client.abort();
        server.close();
    });

    test('start_client_encryption_async() and start_server_encryption_async()', async () => {
        const plain = new Qnet.TcpServer();
        plain.listen(LOCAL_HOST, 0);
        const accepted = plain.accept_async(PRIORITY_DEFAULT, null);
        const client = newClient();
        await client.connect_to_host_async('127.0.0.1', plain.server_port, PRIORITY_DEFAULT, null);
        await accepted;
        plain.close();

        // The other end is not notified: a handshake that waits for it is cancelled.
        const cancellable = new Gio.Cancellable();
        const started =
          failureOf(() => client.start_client_encryption_async(PRIORITY_DEFAULT, cancellable));
        cancellable.cancel();
        ok((await started).matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED), 'cancelled');
        isError(await failureOf(() => client.start_server_encryption_async(PRIORITY_DEFAULT, null)),
            Qnet.SocketError.OPERATION);
    });

    test('a server reads a line in front of the handshake', async () => {
        const Plain = GObject.registerClass(class Plain extends Qnet.TcpServer {
            vfunc_incoming_connection(fd) {
                const socket = new Qnet.SslSocket();
                socket.set_fd(fd, Qnet.SocketState.CONNECTED, Qnet.OpenMode.READ_WRITE);
                this.add_pending_connection(socket);
            }
        });
        const plain = new Plain();
        plain.listen(LOCAL_HOST, 0);
        const accepted = plain.accept_async(PRIORITY_DEFAULT, null);
        const client = newClient();
        await client.connect_to_host_async('127.0.0.1', plain.server_port, PRIORITY_DEFAULT, null);
        const far = await accepted;
        far.set_certificate_files(path('server'), null);

        client.write(bytes('PROXY UNKNOWN\r\n'));
        client.peer_verify_name = 'localhost';
        const encrypted = client.start_client_encryption_async(PRIORITY_DEFAULT, null);
        equal(await read(far, 15), 'PROXY UNKNOWN\r\n');
        const input = far.read_bytes(65536);
        const started =
          far.start_server_encryption_with_input_async(input, PRIORITY_DEFAULT, null);
        equal([await encrypted, await started], [true, true]);
        client.abort();
        far.abort();
        plain.close();
    });

    test('a configuration has all settings, checks them, and can be the default', () => {
        const empty = new Qnet.SslConfiguration();
        const full = empty.with_certificate_files(path('server'), null)
            .with_database_file(path('ca'))
            .with_peer_verify_mode(Qnet.SslPeerVerifyMode.VERIFY)
            .with_peer_verify_depth(3)
            .with_authority_names(false)
            .with_minimum_version(Gio.TlsProtocolVersion.TLS_1_3)
            .with_priority('NORMAL')
            .with_advertised_protocols(['h2'])
            .with_session_tickets(false)
            .with_session_ticket(new GLib.Bytes(bytes('x')));
        const before = Qnet.SslConfiguration.get_default();
        const socket = new Qnet.SslSocket({ ssl_configuration: full });

        equal([full.get_peer_verify_depth(), full.get_priority(), full.get_advertised_protocols(),
               full.get_session_tickets(), text(full.get_session_ticket().toArray())],
              [3, 'NORMAL', ['h2'], false, 'x']);
        ok(full.equal(socket.ssl_configuration) && !full.equal(empty), 'equal()');
        ok(socket.certificate instanceof Gio.TlsCertificate, 'certificate');
        equal([full.get_certificate_errors(), full.get_authority_names()], [0, false]);
        for (const call of [() => empty.with_priority('NONSENSE'),
                            () => empty.with_advertised_protocols(['h2', '']),
                            () => empty.with_priority('NORMAL\0'),
                            () => empty.with_minimum_version('TLS_1_3'),
                            () => socket.set_certificate(Gio.TlsCertificate.new_from_pem(
                                socket.certificate.certificate_pem, -1))]) {
            let error = null;
            try {
                call();
            } catch (caught) {
                error = caught;
            }
            ok(error !== null, call.toString());
        }

        full.set_default();
        ok(new Qnet.SslServer().ssl_configuration.equal(full), 'set_default()');
        before.set_default();
    });
} else {
    test('TLS # SKIP openssl, which makes the certificates, is not installed', () => {});
}

await run();
