"""The OpenAPI document: made from what the endpoints declare, when somebody asks for it."""
