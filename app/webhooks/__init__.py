"""Webhooks: tell a receiver that a batch is finished."""
