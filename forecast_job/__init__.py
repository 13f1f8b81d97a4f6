"""The forecast job: load -> classify -> forecast -> calibrate -> publish, one process for each shard."""
