"""A site's description: YAML files that say who is responsible, what is where, who gets what, and who works."""

from engage.sites.describing import described, things
from engage.sites.entries import Description
from engage.sites.loading import Loaded, load_description
from engage.sites.reading import DescriptionError, read_description, read_entries, read_text, written

__all__ = [
    "Description",
    "DescriptionError",
    "Loaded",
    "described",
    "load_description",
    "read_description",
    "read_entries",
    "read_text",
    "things",
    "written",
]
