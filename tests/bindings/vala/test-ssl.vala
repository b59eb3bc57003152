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

    assert_true (yield client.connect_to_host_encrypted_async ("127.0.0.1", server.server_port));
    var far = (Qnet.SslSocket) yield server.accept_async ();
    assert_true (client.is_encrypted && far.is_encrypted);
    assert_cmpstr (client.session_protocol, CompareOperator.EQ, "TLSv1.3");

    client.write_string ("question");
    assert_cmpmem ((yield far.read_bytes_async (100)).get_data (), "question".data);
    client.abort ();
}

async void test_refused () throws Error {
    var server = new_server ("expired");
    var client = new_client ();
    TlsCertificateFlags heard = 0;
    client.ssl_errors.connect ((errors, certificate) => { heard = errors; });

    try {
        yield client.connect_to_host_encrypted_async ("127.0.0.1", server.server_port);
        assert_not_reached ();
    } catch (Qnet.SocketError.SSL_HANDSHAKE_FAILED error) {
        assert_true (heard == TlsCertificateFlags.EXPIRED);
    }
}

async void test_start () throws Error {
    var plain = new Qnet.TcpServer ();
    plain.listen (local_host ());
    var client = new_client ();
    yield client.connect_to_host_async ("127.0.0.1", plain.server_port);
    var connection = ((Qnet.TcpSocket) yield plain.accept_async ()).steal_connection ();
    var far = new Qnet.SslSocket ();
    far.set_certificate_files (path ("server"), null);
    far.set_socket_descriptor (Posix.dup (connection.socket.fd), Qnet.SocketState.CONNECTED, Qnet.OpenMode.READ_WRITE);

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

async void run (string name) throws Error {
    switch (name) {
        case "talks": yield test_talks (); break;
        case "refused": yield test_refused (); break;
        case "start": yield test_start (); break;
        default: assert_not_reached ();
    }
}

void add_async (string name, string promise) {
    add (@"/vala/ssl/$name", promise, () => {
        AsyncResult? outcome = null;

        if (Environment.get_variable ("QNET_TEST_CERTIFICATES") == null) {
            Test.skip ("openssl is not here, which makes the certificates");
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
    add_async ("refused", "A bad certificate is thrown, and its errors are flags.");
    add_async ("start", "Both sides begin to encrypt in the middle of a connection.");

    return Test.run ();
}
