"""What a snapshot is made of and how it is written: the refresh computes it, readers see it when the pointer flips."""
