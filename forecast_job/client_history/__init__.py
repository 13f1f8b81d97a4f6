"""A client's history as a whole: season, open and closed days, weekdays, levels of demand."""
