"""Connectors: records of a client's own database, for imports (shared/imports) to take as they take a file's."""
