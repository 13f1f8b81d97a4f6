"""Ordering policies played on demand that was."""
