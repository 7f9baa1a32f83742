from django.db import models
from slugs import slug_of


class Note(models.Model):
    title = models.CharField(max_length=200)
    slug = models.SlugField(unique=True, editable=False)
    text = models.TextField(blank=True)
    changed = models.DateTimeField(auto_now=True)

    def save(self, *args, **kwargs):
        self.slug = slug_of(self.title)
        super().save(*args, **kwargs)
