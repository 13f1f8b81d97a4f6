"""How a commit reaches production: deployed without traffic, tried, watched and, if it is worse, sent back."""
