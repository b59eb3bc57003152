/* test-ssl.vala: TLS in Vala
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

string path (string name) {
    return @"$(Environment.get_variable ("QNET_TEST_CERTIFICATES"))/$name.pem";
}

Qnet.SslServer new_server (string certificate) throws Error {
    var server = new Qnet.SslServer ();
    server.set_certificate_files (path (certificate), null);
    server.listen (local_host ());
    return server;
}

Qnet.SslSocket new_client () throws Error {
    var client = new Qnet.SslSocket ();
    client.set_database_file (path ("ca"));
    return client;
}

async void test_talks () throws Error {
    var server = new_server ("server");
    var client = new_client ();
    int n_encrypted = 0;

    client.on_encrypted.connect (() => n_encrypted++);
    assert_true (yield client.connect_to_host_encrypted_async ("127.0.0.1", server.server_port));
    var far = (Qnet.SslSocket) yield server.accept_async ();
    assert_true (client.encrypted && far.encrypted && n_encrypted == 1);
    assert_cmpstr (client.session_protocol, CompareOperator.EQ, "TLSv1.3");

    client.write_string ("question");
    assert_cmpmem ((yield far.read_bytes_async (100)).get_data (), "question".data);
    client.abort ();
}

async void test_connectable () throws Error {
    var server = new_server ("server");
    var client = new_client ();
    var address = new NetworkAddress ("127.0.0.1", server.server_port);

    assert_true (yield client.connect_to_connectable_encrypted_async (address));
    assert_true (client.encrypted);
    client.abort ();

    try {
        yield client.connect_to_service_encrypted_async ("imaps", "none..invalid");
        assert_not_reached ();
    } catch (Qnet.SocketError error) {
        assert_true (!client.encrypted);
    }
}

async void test_refused () throws Error {
    var server = new_server ("expired");
    var client = new_client ();
    TlsCertificateFlags received = 0;
    client.ssl_errors.connect ((errors, certificate) => { received = errors; });

    try {
        yield client.connect_to_host_encrypted_async ("127.0.0.1", server.server_port);
        assert_not_reached ();
    } catch (Qnet.SocketError.SSL_HANDSHAKE_FAILED error) {
        assert_true (received == TlsCertificateFlags.EXPIRED);
    }
}

void test_configuration () throws Error {
    var empty = new Qnet.SslConfiguration ();
    var full = empty.with_certificate_files (path ("server"), null)
        .with_minimum_version (TlsProtocolVersion.TLS_1_3)
        .with_advertised_protocols ({ "h2" })
        .with_session_ticket (new Bytes ("x".data));
    var socket = new Qnet.SslSocket ();

    socket.ssl_configuration = full;
    assert_true (full.equal (socket.ssl_configuration) && !full.equal (empty));
    assert_true (socket.certificate != null && socket.advertised_protocols[0] == "h2");
    try {
        empty.with_priority ("NONSENSE");
        assert_not_reached ();
    } catch (Qnet.SocketError.SSL_INVALID_USER_DATA error) {
        assert_true ("NONSENSE" in error.message);
    }
}

/* Connects the client to a socket that can become a server. */
async Qnet.SslSocket connect_plainly (Qnet.SslSocket client) throws Error {
    var plain = new Qnet.TcpServer ();
    plain.listen (local_host ());
    yield client.connect_to_host_async ("127.0.0.1", plain.server_port);
    var connection = ((Qnet.TcpSocket) yield plain.accept_async ()).steal_connection ();
    var far = new Qnet.SslSocket ();
    far.set_certificate_files (path ("server"), null);
    far.set_fd (Posix.dup (connection.socket.fd), Qnet.SocketState.CONNECTED,
                               Qnet.OpenMode.READ_WRITE);
    return far;
}

async void test_start () throws Error {
    var client = new_client ();
    var far = yield connect_plainly (client);

    bool is_done = false;
    far.start_server_encryption_async.begin (Priority.DEFAULT, null, (source, result) => {
        try {
            is_done = far.start_server_encryption_async.end (result);
        } catch (Error error) {
            GLib.error ("%s", error.message);
        }
    });
    assert_true (yield client.start_client_encryption_async ());
    iterate_until (() => is_done);
    far.abort ();
}

async void test_in_front () throws Error {
    var client = new_client ();
    var far = yield connect_plainly (client);

    client.write_string ("PROXY UNKNOWN\r\n");
    client.start_client_encryption ();
    iterate_until (() => far.bytes_available > 15);
    assert_true (far.read_line_utf8 () == "PROXY UNKNOWN");
    assert_true (yield far.start_server_encryption_with_input_async (far.read_bytes (65536)));
    iterate_until (() => client.encrypted);
    far.abort ();
}

async void test_handshake_failed () throws Error {
    var server = new_server ("server");
    var client = new Qnet.TcpSocket ();
    Qnet.SslSocket? reported = null;

    server.handshake_failed.connect ((socket, error) => {
        assert_true (error is Qnet.SocketError.SSL_HANDSHAKE_FAILED);
        reported = socket;
    });
    yield client.connect_to_host_async ("127.0.0.1", server.server_port);
    client.write_string ("this is no TLS");
    iterate_until (() => reported != null);
    assert_false (server.has_pending_connections ());
    client.abort ();
}

async void run (string name) throws Error {
    switch (name) {
        case "talks": yield test_talks (); break;
        case "connectable": yield test_connectable (); break;
        case "refused": yield test_refused (); break;
        case "handshake-failed": yield test_handshake_failed (); break;
        case "start": yield test_start (); break;
        case "in-front": yield test_in_front (); break;
        case "configuration": test_configuration (); break;
        default: assert_not_reached ();
    }
}

void add_async (string name, string promise) {
    add (@"/vala/ssl/$name", promise, () => {
        AsyncResult? outcome = null;

        if (Environment.get_variable ("QNET_TEST_CERTIFICATES") == null) {
            Test.skip ("openssl, which makes the certificates, is not installed");
            return;
        }

        run.begin (name, (source, result) => { outcome = result; });
        iterate_until (() => outcome != null);
        run.end (outcome);
    });
}

int main (string[] args) {
    Test.init (ref args);

    add_async ("talks", "connect_to_host_encrypted_async() ends when encrypted.");
    add_async ("connectable", "What GIO describes is connected to and encrypted.");
    add_async ("refused", "An invalid certificate is thrown, and its errors are flags.");
    add_async ("handshake-failed",
               "A server reports a handshake that has failed, with its socket.");
    add_async ("start", "Both sides begin to encrypt in the middle of a connection.");
    add_async ("in-front",
               "A server reads a line in front of the handshake, and passes on what came with it.");

    add_async ("configuration", "A configuration has all settings, and checks them.");

    return Test.run ();
}
