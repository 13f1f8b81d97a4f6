"""The engines scored on demand that was."""
