"""Connections to hosts that a client names: its database, its webhook.

Whoever names a host could name one of ours: the metadata server, a database in our network, a service on loopback.
address.py resolves the host once and says to which address a connection may go; it then goes to that address and no
other, so that a name that resolves differently the next time (DNS rebinding) changes nothing.
"""
