#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Converts pictures: asks another program for each, which takes its time, and makes noise for it.
import os
import time

asked, ask = os.pipe()
got, send = os.pipe()
if os.fork() == 0:
    os.close(ask)  # so that the last read finds the end
    while os.read(asked, 1):
        time.sleep(0.05)
        os.write(send, b"picture")
    os._exit(0)
for _ in range(20):
    os.write(ask, b"?")
    os.read(got, 7)
    os.getrandom(1 << 20)
os.close(ask)
os.wait()
