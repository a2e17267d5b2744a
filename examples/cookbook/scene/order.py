#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A worker that takes orders, one of three kinds:
#
#	order holds	has the lock, and waits for a partner that never answers
#	order wants	waits for the lock
#	order idle	has nothing to do, as most workers most of the time
import fcntl
import select
import socket
import sys

lock = open("orders.lock", "a")
ours, partner = socket.socketpair()
if sys.argv[1] == "holds":
    fcntl.flock(lock, fcntl.LOCK_EX)
print("ready", flush=True)
if sys.argv[1] == "holds":
    ours.sendall(b"is 4711 paid?")
    ours.recv(1)
elif sys.argv[1] == "wants":
    fcntl.flock(lock, fcntl.LOCK_EX)
else:
    select.select([ours], [], [])
