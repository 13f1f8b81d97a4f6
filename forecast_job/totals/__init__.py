"""Calibrated totals of demand over windows, and their backtest within a run."""
