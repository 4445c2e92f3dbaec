"""The HTTP door for an ASGI server: `uvicorn app.main:create_app --factory`."""

from app.http.application import create_app

__all__ = ["create_app"]
