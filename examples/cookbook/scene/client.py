#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Sends a web service so many requests, one after the other: client PORT COUNT
import sys
from http.client import HTTPConnection

for _ in range(int(sys.argv[2])):
    connection = HTTPConnection("127.0.0.1", int(sys.argv[1]))
    connection.request("GET", "/")
    connection.getresponse().read()
    connection.close()
