"""One run of the job: shards, blocks, checkpoints, and the cached calibration of a client."""
