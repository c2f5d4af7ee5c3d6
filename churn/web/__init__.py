"""The HTTP edge: the only part of the package that knows Flask. Settings, bodies in, answers and errors out."""
