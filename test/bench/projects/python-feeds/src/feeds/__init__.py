"""Collects news feeds."""
