"""Reads RSS 2.0 and Atom."""

from dataclasses import dataclass
from xml.etree import ElementTree

ATOM = "{http://www.w3.org/2005/Atom}"


@dataclass(frozen=True)
class Entry:
    title: str
    link: str


def parse(text: str) -> list[Entry]:
    """Gives the entries of a feed, in its order."""
    root = ElementTree.fromstring(text)
    if root.tag == f"{ATOM}feed":
        return [_atom(entry) for entry in root.iter(f"{ATOM}entry")]
    return [_rss(item) for item in root.iter("item")]


def _atom(entry: ElementTree.Element) -> Entry:
    link = entry.find(f"{ATOM}link")
    href = "" if link is None else link.get("href", "")
    return Entry(entry.findtext(f"{ATOM}title", "").strip(), href)


def _rss(item: ElementTree.Element) -> Entry:
    return Entry(item.findtext("title", "").strip(), item.findtext("link", "").strip())
