"""Dates as people say them."""

from datetime import date


def words(day: date, today: date) -> str:
    days = (today - day).days
    if days == 0:
        return "today"
    if days == 1:
        return "yesterday"
    return f"{days} days ago" if 0 < days < 7 else day.isoformat()
