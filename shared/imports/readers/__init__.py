"""Each module reads one format as batches of text. Excel and Parquet are imported by who opens such a file."""
