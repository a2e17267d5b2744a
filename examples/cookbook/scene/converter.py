#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Converts pictures: takes each from another program, which takes its time, and makes noise for it.
import os

ours, others = os.pipe()
if os.fork() == 0:
    import time

    for _ in range(20):
        time.sleep(0.05)
        os.write(others, b"picture")
    os._exit(0)
for _ in range(20):
    os.read(ours, 7)
    os.getrandom(1 << 21)
os.wait()
