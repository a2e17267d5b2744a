#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Writes so many entries into a journal: journal COUNT
import os
import sys


def write_entry(file, text):
    file.write(text + "\n")


with open("journal.txt", "w") as file:
    for number in range(int(sys.argv[1])):
        write_entry(file, f"entry {number}")
    file.flush()
    os.fsync(file.fileno())
