"""The drill that proves that a backup restores, and that its books balance: `python -m infra.restore`."""
