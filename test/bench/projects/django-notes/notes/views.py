from django.shortcuts import get_object_or_404, render
from markup import html_of

from .models import Note


def index(request):
    return render(request, "index.html", {"notes": Note.objects.order_by("-changed")[:50]})


def note(request, slug):
    found = get_object_or_404(Note, slug=slug)
    return render(request, "note.html", {"note": found, "html": html_of(found.text)})
