#!/usr/bin/python3
# idle_connections.py: what idle connections cost a busy one
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Measures the server's processor time and system calls per 64-byte echo on one busy connection, alone and among idle ones, in
# interleaved rounds, and prints medians and ratios. Asserts nothing: machines are noisy.

import argparse
import os
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time


def start_server(program):
    server = subprocess.Popen([program], stdout=subprocess.PIPE, text=True)
    return server, int(server.stdout.readline())


def cpu_nanoseconds(pid):
    with open(f'/proc/{pid}/schedstat') as stat:
        return int(stat.read().split()[0])


def run_load(load, port, idle, requests, measure):
    """The figure that @measure gives for the requests alone: it is a context manager around them."""
    generator = subprocess.Popen([load, f'--idle={idle}', f'--requests={requests}', str(port)],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if generator.stdout.readline() != 'ready\n':
        sys.exit('The load generator could not open its connections.')
    with measure as result:
        generator.stdin.write('go\n')
        generator.stdin.flush()
        done, _ = map(int, generator.stdout.readline().split())
    generator.communicate('end\n')
    return result.total / done


class ProcessorTime:
    def __init__(self, pid):
        self.pid = pid

    def __enter__(self):
        self.before = cpu_nanoseconds(self.pid)
        return self

    def __exit__(self, *_):
        self.total = cpu_nanoseconds(self.pid) - self.before


class SystemCalls:
    def __init__(self, pid):
        self.pid = pid

    def is_traced(self):
        with open(f'/proc/{self.pid}/status') as status:
            return not re.search(r'^TracerPid:\s+0$', status.read(), re.M)

    def __enter__(self):
        self.log = tempfile.NamedTemporaryFile('r')
        self.tracer = subprocess.Popen(['strace', '-c', '-o', self.log.name, '-p', str(self.pid)],
                                       stderr=subprocess.DEVNULL)
        while not self.is_traced() and self.tracer.poll() is None:
            time.sleep(0.01)
        return self

    def __exit__(self, *_):
        self.tracer.send_signal(signal.SIGINT)
        self.tracer.wait()
        self.total = int(re.search(r'^100\.00\s+\S+\s+(?:\d+\s+)?(\d+)\s.*total$', self.log.read(), re.M).group(1))


def per_request(load, program, idle, requests, measurement):
    server, port = start_server(program)
    try:
        return run_load(load, port, idle, requests, measurement(server.pid))
    finally:
        server.kill()
        server.wait()


def main():
    parser = argparse.ArgumentParser(description='What idle connections cost a busy one.')
    parser.add_argument('load')
    parser.add_argument('servers', nargs='+')
    parser.add_argument('--idle', type=int, default=7999)
    parser.add_argument('--requests', type=int, default=30000)
    parser.add_argument('--rounds', type=int, default=7)
    args = parser.parse_args()

    wanted = args.idle + 100
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        if hard < wanted and hard != resource.RLIM_INFINITY:
            sys.exit(f'{wanted} descriptors are needed; the limit is {hard}.')
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))

    for program in args.servers:
        alone, among = [], []
        for n in range(args.rounds):
            print(f'{os.path.basename(program)}: round {n + 1} of {args.rounds}', file=sys.stderr)
            alone.append(per_request(args.load, program, 0, args.requests, ProcessorTime))
            among.append(per_request(args.load, program, args.idle, args.requests, ProcessorTime))
        ratios = [b / a for a, b in zip(alone, among)]
        print(f'{os.path.basename(program)}: processor time per request: alone {statistics.median(alone) / 1000:.2f} us, '
              f'among {args.idle} idle {statistics.median(among) / 1000:.2f} us, '
              f'ratio {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})')
        if shutil.which('strace'):
            requests = max(2, args.requests // 10)
            print(f'{os.path.basename(program)}: system calls per request: '
                  f'alone {per_request(args.load, program, 0, requests, SystemCalls):.2f}, '
                  f'among {args.idle} idle {per_request(args.load, program, args.idle, requests, SystemCalls):.2f}')


main()
