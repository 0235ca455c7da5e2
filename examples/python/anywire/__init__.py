"""The wire of Anywire.Http in Python: calls (calls.py) and a server (server.py). Standard library only.

The wire is written down in src/Anywire/Anywire.Http/README.md. Spoken here: HTTP/1.1, JSON, unary calls, mutual TLS 1.3.
Other wires have modules of their own (tcp.py, rabbitmq.py), which name their pages.
"""
