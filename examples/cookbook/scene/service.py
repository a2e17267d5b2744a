#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A small web service. What nobody has noticed: it reads its settings for each request.
import json
from http.server import BaseHTTPRequestHandler, HTTPServer


class Greeting(BaseHTTPRequestHandler):
    def do_GET(self):
        with open("settings.json") as file:
            settings = json.load(file)
        text = settings["greeting"].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args):
        pass


server = HTTPServer(("127.0.0.1", 0), Greeting)
print(server.server_port, flush=True)
while True:
    server.handle_request()
