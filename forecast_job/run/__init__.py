"""One run of the job: shards, blocks, checkpoints, and what is learned once per client."""
