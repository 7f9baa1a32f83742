"""A little markup: paragraphs, *emphasis* and `code`."""

import html
import re


def html_of(text: str) -> str:
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n".join(f"<p>{_inline(one)}</p>" for one in paragraphs if one)


def _inline(text: str) -> str:
    escaped = html.escape(text, quote=False)
    escaped = re.sub(r"\*([^*]+)\*", r"<em>\1</em>", escaped)
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escaped)
