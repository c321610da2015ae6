"""Wants a port that only root may open."""

from http.server import BaseHTTPRequestHandler, HTTPServer

HTTPServer(("0.0.0.0", 80), BaseHTTPRequestHandler).serve_forever()
