# The churn service as an image: `docker build -t churn .`, then `docker run -p 9696:9696 churn`.
# It runs as it is with --read-only, --cap-drop ALL and 256 MB: see docs/operations.md.

FROM python:3.13.14-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIPENV_VERBOSITY=-1

# Where PyPI can't be reached, a mirror: --build-arg PIP_INDEX_URL=URL, and PIP_TRUSTED_HOST=HOST for one without TLS.
ARG PIP_INDEX_URL
ARG PIP_TRUSTED_HOST

# pipenv in a folder that stays behind in this stage; the environment needs no pip, since pipenv brings its own.
RUN python -m venv /pipenv && /pipenv/bin/python -m pip install --quiet pipenv==2026.10.3
RUN python -m venv --without-pip /srv/environment

# Exactly the lock, with its hashes, and only [packages]; a lock that is older than the Pipfile fails the build.
WORKDIR /lock
COPY Pipfile Pipfile.lock ./
RUN VIRTUAL_ENV=/srv/environment /pipenv/bin/pipenv install --deploy ${PIP_INDEX_URL:+--pypi-mirror "$PIP_INDEX_URL"}

WORKDIR /srv/churn
COPY predict.py gunicorn.conf.py model_C=1.0.bin model_C=1.0.json ./
COPY churn churn

# COPY keeps the modes of the checkout, which a umask of 027 or 077 has made unreadable for the image's user.
RUN chmod -R u=rwX,go=rX .

# Compiled here, since a read-only root can't keep bytecode; by hash, so that no file's date makes it stale.
RUN python -m compileall -q --invalidation-mode checked-hash /srv


FROM python:3.13.14-slim-trixie
LABEL org.opencontainers.image.title="churn" \
      org.opencontainers.image.description="Churn probability of telecom customers over HTTP" \
      org.opencontainers.image.version="1.0.0" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.base.name="docker.io/library/python:3.13.14-slim-trixie"

# The environment at the path that it was made for: its scripts name their interpreter.
COPY --from=build /srv/environment /srv/environment
COPY --from=build /srv/churn /srv/churn

# Temporary files in memory: with a read-only root there is nowhere else. Two malloc arenas instead of one for each
# of 16 threads: what a large body took is given back.
ENV PATH=/srv/environment/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 TMPDIR=/dev/shm MALLOC_ARENA_MAX=2
WORKDIR /srv/churn

# A number, so that a platform can see that it isn't root; the files stay root's, the service can't change them.
USER 10001:10001

# Elastic Beanstalk's nginx sends requests here; gunicorn.conf.py listens here when PORT isn't set.
EXPOSE 9696

HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
    CMD ["python", "-I", "-c", "import http.client, os; c = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('PORT') or 9696), timeout=4); c.request('GET', '/ready'); raise SystemExit(c.getresponse().status != 200)"]

# gunicorn itself is process 1: SIGTERM reaches it, and it finishes what it is answering. It reads gunicorn.conf.py.
ENTRYPOINT ["gunicorn", "predict:app"]
