"""Marketing campaigns and what they sold."""
