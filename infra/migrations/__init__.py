"""Versions of the stored data and the migrations between them: `python -m infra.migrate`."""
