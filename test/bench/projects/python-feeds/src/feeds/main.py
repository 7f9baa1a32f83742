"""The command."""

import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen

import yaml

from .parse import Entry, parse


def fetch(feed: dict[str, str]) -> tuple[str, list[Entry]]:
    with urlopen(feed["url"], timeout=10) as answer:
        return feed["name"], parse(answer.read().decode())


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        feeds = yaml.safe_load(file)["feeds"]
    with ThreadPoolExecutor() as pool:
        for name, entries in pool.map(fetch, feeds):
            for entry in entries:
                print(f"{name}: {entry.title} <{entry.link}>")
