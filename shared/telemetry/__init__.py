"""What is told of the work while it is done: lines of the log, traces, and what it costs."""
