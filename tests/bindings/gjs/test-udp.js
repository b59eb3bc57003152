// test-udp.js: datagrams in JavaScript
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';

import { emission, LOCAL_HOST, PATIENCE, until } from './peers.js';
import { bytes, equal, failureOf, isError, ok, run, test, text } from './tap.js';

const { PRIORITY_DEFAULT } = GLib;

// GIO cannot receive datagrams in JavaScript, so that the peer is a socket of ours as well
function bindSocket() {
    const socket = new Qnet.UdpSocket();

    socket.bind(LOCAL_HOST, 0, Qnet.BindFlags.DEFAULT_FOR_PLATFORM);
    return socket;
}

function send(from, to, data) {
    return from.write_datagram_to(data, LOCAL_HOST, to.local_port);
}

function makeDatagram(to, words) {
    return Qnet.NetworkDatagram.new(bytes(words), LOCAL_HOST, to.local_port);
}

function dataOf(datagram) {
    return datagram.get_data();
}

test('receive_datagram() returns the bytes and all their properties', () => {
    const [ours, peer] = [bindSocket(), bindSocket()];
    send(peer, ours, Uint8Array.of(0, 1, 255));
    ours.wait_for_ready_read(PATIENCE);
    const datagram = ours.receive_datagram();

    equal(dataOf(datagram), Uint8Array.of(0, 1, 255));
    equal(`${datagram.get_sender_address()} ${datagram.get_sender_port()}`,
          `127.0.0.1 ${peer.local_port}`);
    equal(`${datagram.get_destination_address()}`, '127.0.0.1');
    ok(datagram.get_hop_limit() > 0, 'a hop limit');
    ok(datagram.get_interface_index() > 0, 'an interface');
});

test('read_datagram() gives bytes, the sender, and its port', () => {
    const [ours, peer] = [bindSocket(), bindSocket()];
    send(peer, ours, bytes('hello'));
    ours.wait_for_ready_read(PATIENCE);
    const [data, address, port] = ours.read_datagram();

    equal(data, bytes('hello'));
    equal([`${address}`, port], ['127.0.0.1', peer.local_port]);
});

test('an empty datagram is a datagram', () => {
    const [ours, peer] = [bindSocket(), bindSocket()];
    equal(send(peer, ours, bytes('')), 0);
    ours.wait_for_ready_read(PATIENCE);

    equal([ours.has_pending_datagrams(), ours.get_pending_datagram_size()], [true, 0]);
    equal(ours.read_datagram()[0], bytes(''));
});

test('a datagram that does not fit is truncated, and is_truncated() returns it', () => {
    const [ours, peer] = [bindSocket(), bindSocket()];
    send(peer, ours, bytes('too long'));
    ours.wait_for_ready_read(PATIENCE);
    const datagram = ours.receive_datagram(3);

    equal([text(dataOf(datagram)), datagram.is_truncated()], ['too', true]);
});

test('nothing to receive is an exception, TEMPORARY', async () => {
    const ours = bindSocket();

    isError(await failureOf(() => ours.receive_datagram()), Qnet.SocketError.TEMPORARY);
    isError(await failureOf(() => ours.read_datagram()), Qnet.SocketError.TEMPORARY);
});

test('batches are sent and received as arrays', () => {
    const [ours, peer] = [bindSocket(), bindSocket()];
    const words = ['one', 'two', 'three'];
    equal(peer.write_datagrams(words.map(word => makeDatagram(ours, word))), 3);
    ours.wait_for_ready_read(PATIENCE);
    const batch = [...ours.receive_datagrams(2), ...ours.receive_datagrams()];

    equal(batch.map(one => text(dataOf(one))), words);
    equal(ours.receive_datagrams(9), []);
});

test('the bytes of a datagram are a Uint8Array, or none', () => {
    const [ours, peer] = [bindSocket(), bindSocket()];
    const to = [LOCAL_HOST, ours.local_port];

    for (const data of [bytes('array'), 'text', new GLib.Bytes(bytes('GBytes')), bytes(''), null]) {
        for (const datagram of [
            Qnet.NetworkDatagram.new(data, ...to),
            new Qnet.NetworkDatagram(data, ...to),
            Qnet.NetworkDatagram.new_full(data, null, -1, ...to, 0, -1),
            Qnet.NetworkDatagram.new(bytes('other'), ...to).with_data(data),
            Qnet.NetworkDatagram.new_from_message(data, null,
                                                  LOCAL_HOST.to_socket_address(ours.local_port)),
        ]) {
            const own = typeof data === 'string' ? bytes(data) : data ?? bytes('');
            const expected = own instanceof GLib.Bytes ? own.toArray() : own;

            equal(datagram.get_data(), expected);
            equal(peer.write_datagram(datagram), expected.length);
            ours.wait_for_ready_read(PATIENCE);
            equal(ours.read_datagram()[0], expected);
        }
    }

    ok(!Qnet.NetworkDatagram.new(bytes('x'), null, 0).is_valid(), 'no destination');
});

test('a GBytes can be sent, and a reply to what came', () => {
    const [ours, peer] = [bindSocket(), bindSocket()];
    equal(peer.write_datagram_bytes_to(new GLib.Bytes(bytes('question')), LOCAL_HOST,
                                       ours.local_port), 8);
    ours.wait_for_ready_read(PATIENCE);
    ours.write_datagram(ours.receive_datagram().make_reply(bytes('answer')));
    peer.wait_for_ready_read(PATIENCE);

    equal(peer.read_datagram()[0], bytes('answer'));
});

test('a datagram that is too large is an exception, and the socket can send others', async () => {
    const [ours, peer] = [bindSocket(), bindSocket()];

    isError(await failureOf(() => send(peer, ours, new Uint8Array(70000))),
            Qnet.SocketError.DATAGRAM_TOO_LARGE);
    equal(send(peer, ours, bytes('x')), 1);
});

test('ready-read comes again after each read', async () => {
    const [ours, peer] = [bindSocket(), bindSocket()];
    const words = [];
    ours.connect('ready-read', () => words.push(text(ours.read_datagram()[0])));
    send(peer, ours, bytes('one'));
    send(peer, ours, bytes('two'));

    await until(() => words.length === 2);
    equal(words, ['one', 'two']);
});

test('receive_datagram_async() and write_datagram_async() can be awaited', async () => {
    const [ours, peer] = [bindSocket(), bindSocket()];
    const arrival = ours.receive_datagram_async(0, PRIORITY_DEFAULT, null);

    equal(await peer.write_datagram_async(makeDatagram(ours, 'awaited'), PRIORITY_DEFAULT, null),
          7);
    equal(dataOf(await arrival), bytes('awaited'));
});

test('cancelling loses no datagram', async () => {
    const [ours, peer] = [bindSocket(), bindSocket()];
    const cancellable = new Gio.Cancellable();
    const arrival = failureOf(() => ours.receive_datagram_async(0, PRIORITY_DEFAULT, cancellable));
    cancellable.cancel();
    send(peer, ours, bytes('kept'));

    ok((await arrival).matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED), 'CANCELLED');
    ours.wait_for_ready_read(PATIENCE);
    equal(ours.read_datagram()[0], bytes('kept'));
});

test('joining a unicast address is an exception, joining a group is not', async () => {
    const ours = bindSocket();
    const group = Qnet.HostAddress.from_string('239.255.43.21');

    isError(await failureOf(() => ours.join_multicast_group(LOCAL_HOST, null)),
        Qnet.SocketError.UNSUPPORTED_SOCKET_OPERATION);
    ok(ours.join_multicast_group(group, 'lo'), 'joined');
    ok(ours.leave_multicast_group(group, 'lo'), 'left');
    ok(ours.join_source_group(group, LOCAL_HOST, 'lo'), 'joined for a source');
    ok(ours.leave_source_group(group, '127.0.0.1', 'lo'), 'left');
    isError(await failureOf(() => ours.join_source_group(group, group)),
        Qnet.SocketError.UNSUPPORTED_SOCKET_OPERATION);
});

test('with one peer it is a device', () => {
    const [ours, peer] = [new Qnet.UdpSocket(), bindSocket()];
    ours.connect_to_host('127.0.0.1', peer.local_port);
    ours.wait_for_connected(PATIENCE);
    ours.write(bytes(''));
    peer.wait_for_ready_read(PATIENCE);
    equal(peer.read_datagram()[0], bytes(''));
    ours.write(bytes('ping'));
    peer.wait_for_ready_read(PATIENCE);
    equal(peer.read_datagram()[0], bytes('ping'));
    send(peer, ours, bytes('pong'));
    ours.wait_for_ready_read(PATIENCE);

    equal(ours.read(100), bytes('pong'));
    ours.abort();
});

test('a closed port is reported by error-occurred, and the socket stays connected', async () => {
    const [ours, unused] = [new Qnet.UdpSocket(), bindSocket()];
    const port = unused.local_port;
    unused.abort();
    ours.connect_to_host('127.0.0.1', port);
    ours.wait_for_connected(PATIENCE);
    const refusal = emission(ours, 'error-occurred');
    ours.write(bytes('x'));

    isError((await refusal)[0], 0);
    equal(ours.state, Qnet.SocketState.CONNECTED);
    ours.abort();
});

await run();
