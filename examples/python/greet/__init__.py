"""Greets whoever asks."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


class Greeter(BaseHTTPRequestHandler):
    def do_GET(self):
        name = unquote(self.path.strip("/")) or "you"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"Hello, {name}!\n".encode())


def main():
    ThreadingHTTPServer(("", 8080), Greeter).serve_forever()
