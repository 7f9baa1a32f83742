"""Makes a page of each article and an index of all: generate.py CONTENT OUTPUT."""

import sys
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markdown import Markdown


def main(content: Path, output: Path) -> None:
    templates = Environment(loader=FileSystemLoader("templates"), autoescape=True)
    page, index = templates.get_template("page.html"), templates.get_template("index.html")
    articles = []
    for source in sorted(content.glob("**/*.md")):
        markdown = Markdown(extensions=["meta", "fenced_code", "codehilite", "toc", "tables"])
        html = markdown.convert(source.read_text(encoding="utf-8"))
        title = markdown.Meta["title"][0]
        path = source.relative_to(content).with_suffix(".html")
        write(output / path, page.render(title=title, html=html, toc=markdown.toc))
        articles.append({"title": title, "path": path.as_posix()})
    write(output / "index.html", index.render(articles=articles))
    print(f"{len(articles)} articles")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


main(Path(sys.argv[1]), Path(sys.argv[2]))
