#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Stores 300 records, each safely: one in fifty has a picture of four megabytes. store FILE
import os
import sys

with open(sys.argv[1], "wb", buffering=0) as file:
    for number in range(300):
        file.write(b"record\n")
        if number % 50 == 49:
            file.write(bytes(4 << 20))
        os.fsync(file.fileno())
os.unlink(sys.argv[1])
