"""gunicorn's own settings with a thread for each busy connection, for the course's view."""

worker_class = "gthread"
threads = 8  # the same number as in this service
control_socket_disable = True  # an unused file in the home folder
