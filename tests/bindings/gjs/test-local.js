// test-local.js: local servers and sockets, from JavaScript
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';

import { equal, ok, run, test, text } from './tap.js';

function inFolder(body) {
    return async () => {
        const folder = GLib.Dir.make_tmp('qnet-XXXXXX');

        await body(`${folder}/socket`);
        GLib.rmdir(folder);
    };
}

function messageOf(call) {
    try {
        call();
    } catch (error) {
        return error.message;
    }

    return '';
}

test('a client connects, sends, and disconnects', inFolder(async path => {
    const server = new Qnet.LocalServer();
    const client = new Qnet.LocalSocket();

    server.listen(path);
    await client.connect_to_server_async(path, GLib.PRIORITY_DEFAULT, null);
    equal([client.server_name, server.full_server_name], [path, path]);

    const ours = await server.accept_async(GLib.PRIORITY_DEFAULT, null);
    ok(ours.peer_credentials.get_unix_pid() === client.peer_credentials.get_unix_pid(),
       'both are this process');
    client.write_string('hello\n');
    equal(text(await ours.read_line_async(0, GLib.PRIORITY_DEFAULT, null)), 'hello\n');
    await client.disconnect_from_server_async(GLib.PRIORITY_DEFAULT, null);
    equal(client.state, Qnet.SocketState.UNCONNECTED);
    server.close();
}));

test('open files pass as a Gio.UnixFDList', inFolder(async path => {
    const server = new Qnet.LocalServer({ fd_limit: 2 });
    const client = new Qnet.LocalSocket();
    const list = new Gio.UnixFDList();

    server.listen(path);
    client.connect_to_server(path);
    list.append(1);
    client.send_fds(list);
    client.write_string('x');

    const ours = await server.accept_async(GLib.PRIORITY_DEFAULT, null);
    await ours.read_bytes_async(1, GLib.PRIORITY_DEFAULT, null);
    equal(ours.receive_fds().get_length(), 1);
    client.abort();
    server.close();
}));

test('a name with a NUL is refused, and not cut', inFolder(path => {
    const server = new Qnet.LocalServer();

    for (const call of [
        () => server.listen(`${path}\0x`),
        () => Qnet.LocalServer.remove_server(`${path}\0x`),
        () => new Qnet.LocalSocket().connect_to_server(`${path}\0x`),
        () => new Qnet.LocalSocket().connect_to_server_async(`${path}\0x`, GLib.PRIORITY_DEFAULT,
                                                             null),
        () => new Qnet.LocalSocket().connect_to_server_full(`${path}\0x`, Qnet.OpenMode.READ_WRITE),
        () => new Qnet.LocalSocket().set_server_name(`${path}\0x`),
        () => new Qnet.LocalSocket({ server_name: `${path}\0x` }),
        () => new Qnet.LocalSocket({ serverName: `${path}\0x` }),
        () => new Qnet.LocalSocket().set({ 'server-name': `${path}\0x` }),
        () => new Qnet.LocalSocket().set_property('server-name', `${path}\0x`),
        () => {
            new Qnet.LocalSocket().server_name = `${path}\0x`;
        },
        () => {
            new Qnet.LocalSocket().serverName = `${path}\0x`;
        },
        () => new Qnet.TcpSocket().connect_to_host('localhost\0.test', 80),
        () => new Qnet.SslSocket({ peer_verify_name: 'a.test\0.b.test' }),
        () => Qnet.HostInfo.from_name('localhost\0', null),
        () => Qnet.NetworkProxy.new(Qnet.ProxyType.SOCKS5, 'gate\0', 1080, null, null),
        () => new Qnet.NetworkProxy(Qnet.ProxyType.SOCKS5, 'gate\0', 1080, null, null),
    ])
        ok(messageOf(call).includes('NUL'), 'it is refused');

    ok(messageOf(() => server.listen('x'.repeat(200))).includes('107'), 'the limit is named');
}));

test('a running server is not removed', inFolder(path => {
    const server = new Qnet.LocalServer();

    server.listen(path);
    ok(messageOf(() => Qnet.LocalServer.remove_server(path)).includes(path), 'it says so');
    ok(Qnet.LocalServer.remove_server_full(path, true), 'by force');
    server.close();
}));

await run();
