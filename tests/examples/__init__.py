"""Examples for the OpenAPI document, from real answers: `python -m tests.examples` records them anew."""
