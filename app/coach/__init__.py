"""The use cases: what the product does, in the order it does it."""
