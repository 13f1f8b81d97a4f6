"""What can be imported; each module declares the fields, checks and writer of one kind."""
