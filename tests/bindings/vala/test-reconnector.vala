/* test-reconnector.vala: QnetReconnector, from Vala
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

Qnet.Reconnector create (uint16 port) {
    var reconnector = new Qnet.Reconnector (new Qnet.TcpSocket (), null) {
        min_delay = 2, max_delay = 5
    };

    reconnector.set_network_monitor (null);
    reconnector.add_host ("127.0.0.1", port);
    return reconnector;
}

void test_again () throws Error {
    var listener = new Listener ();
    var reconnector = create (listener.port);
    uint connected = 0, disconnected = 0;
    int hold = 0;

    reconnector.connected.connect (() => connected++);
    reconnector.disconnected.connect (() => disconnected++);
    reconnector.prepare.connect (() => { hold = reconnector.hold (); });

    reconnector.start ();
    iterate_until (() => hold > 0);
    assert_true (reconnector.state == Qnet.ReconnectorState.PREPARING);
    reconnector.resume (hold);
    iterate_until (() => connected == 1);
    listener.accept ().close ();
    iterate_until (() => disconnected == 1);
    assert_true (reconnector.error.code == Qnet.SocketError.REMOTE_HOST_CLOSED);
    iterate_until (() => reconnector.state == Qnet.ReconnectorState.PREPARING);
    assert_cmpint (reconnector.n_attempts, CompareOperator.EQ, 2);
    reconnector.stop ();
}

async int await_code (Qnet.Reconnector reconnector) {
    try {
        assert_true (yield reconnector.await_connected_async ());
        return -1;
    } catch (Error error) {
        return error.code;
    }
}

int run_until_code (Qnet.Reconnector reconnector) {
    int code = -2;

    await_code.begin (reconnector, (source, result) => { code = await_code.end (result); });
    reconnector.start ();
    iterate_until (() => code != -2);

    return code;
}

void test_await () throws Error {
    var listener = new Listener ();
    var reconnector = create (listener.port);

    assert_cmpint (run_until_code (reconnector), CompareOperator.EQ, -1);
    reconnector.stop ();

    reconnector = create (closed_port ());
    reconnector.max_attempts = 2;
    assert_cmpint (run_until_code (reconnector), CompareOperator.EQ,
                   Qnet.SocketError.CONNECTION_REFUSED);
    assert_true (reconnector.state == Qnet.ReconnectorState.FAILED);
}

int main (string[] args) {
    Test.init (ref args);

    add ("/vala/reconnector/again", "A connection that was lost is established again.", test_again);
    add ("/vala/reconnector/await", "The next connection, or giving up, is awaited.", test_await);

    return Test.run ();
}
