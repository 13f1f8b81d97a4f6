"""The engines scored on past demand."""
