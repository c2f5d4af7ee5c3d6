"""HTTP: request bodies, answers and errors. The only room that knows Flask."""
