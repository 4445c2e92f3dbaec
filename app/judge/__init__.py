"""The model: asked for findings with quotes, never for a verdict."""
