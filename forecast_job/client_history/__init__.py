"""What a client's history says as a whole: season, open and closed days, weekdays, levels of demand."""
