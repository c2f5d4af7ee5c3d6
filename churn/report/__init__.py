"""The page that a training writes. Needs matplotlib and Jinja; not in the image."""
