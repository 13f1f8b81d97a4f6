"""Records that come in: their fields, checks and rejections."""
