"""HTTP: bodies in, answers and errors out. The only room that knows Flask."""
