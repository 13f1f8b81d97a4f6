"""Forecasts as rows and files, and their publication."""
