"""Demand as the job reads it: from BigQuery, from a file, as a panel of series, with covariates and classes."""
