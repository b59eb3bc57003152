/* test-local.vala: local servers and sockets, from Vala
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

async void talk (string path) throws Error {
    var server = new Qnet.LocalServer () { fd_limit = 1 };
    var client = new Qnet.LocalSocket ();
    var list = new UnixFDList ();

    server.listen (path);
    assert_true (yield client.connect_to_server_async (path));
    assert_cmpstr (client.full_server_name, CompareOperator.EQ, path);

    list.append (1);
    client.send_fds (list);
    client.write_string ("hello\n");

    var ours = (Qnet.LocalSocket) yield server.accept_async ();
    uint8[] line = yield ours.read_line_async (0);
    assert_true (line.length == 6);
    assert_true (ours.receive_fds ().get_length () == 1);
    assert_true (ours.peer_credentials.get_unix_pid () == client.peer_credentials.get_unix_pid ());

    assert_true (yield client.disconnect_from_server_async ());
    assert_true (client.state == Qnet.SocketState.UNCONNECTED);
    server.close ();
}

void test_talk () {
    var loop = new MainLoop ();

    Test.summary ("A client connects, passes an open file, and disconnects.");

    try {
        var folder = DirUtils.make_tmp ("qnet-XXXXXX");

        talk.begin (folder + "/socket", (source, result) => {
            try {
                talk.end (result);
            } catch (Error error) {
                GLib.error ("%s", error.message);
            }
            loop.quit ();
        });
        loop.run ();
        DirUtils.remove (folder);
    } catch (Error error) {
        GLib.error ("%s", error.message);
    }
}

void test_live () {
    Test.summary ("The file of a running server is not removed.");

    try {
        var folder = DirUtils.make_tmp ("qnet-XXXXXX");
        var server = new Qnet.LocalServer ();

        server.listen (folder + "/socket");
        try {
            Qnet.LocalServer.remove_server (folder + "/socket");
            assert_not_reached ();
        } catch (Qnet.SocketError.ADDRESS_IN_USE error) {
            assert_true (error.message.contains (folder));
        }
        server.close ();
        DirUtils.remove (folder);
    } catch (Error error) {
        GLib.error ("%s", error.message);
    }
}

int main (string[] args) {
    Test.init (ref args);

    Test.add_func ("/local/talk", test_talk);
    Test.add_func ("/local/live", test_live);

    return Test.run ();
}
