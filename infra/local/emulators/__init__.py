"""Servers of ours that speak the parts of Google's APIs that the system uses."""
