"""gunicorn as it comes, with a thread for each connection that asks: what the course's view runs on."""

worker_class = "gthread"
threads = 8  # as many as this service has
control_socket_disable = True  # a file in the home folder, which nothing here talks to
