"""A real nginx for the tests, as Elastic Beanstalk puts it in front of the service, run by the user of the tests.

Where nginx is missing its tests are skipped; with NGINX_TESTS=required they fail.
"""

import getpass
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.serving import PROJECT, free_port, wait_until

NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")  # /usr/sbin is not in a user's PATH
HOW_TO_GET_IT = "apt-get install nginx-light"
LEFT_OUT = f"the nginx tests were left out: no nginx here ({HOW_TO_GET_IT})"

_CONFIGURATION = """
{user}
worker_processes 2;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    map $http_upgrade $connection_upgrade {{ default "upgrade"; }}
    server_tokens off;
    include {project}/.platform/nginx/conf.d/*.conf;
    {more}
    upstream docker {{ server 127.0.0.1:{upstream}; keepalive 256; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://docker;
            proxy_http_version 1.1;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Host $host;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }}
        include {project}/.platform/nginx/conf.d/elasticbeanstalk/*.conf;
    }}
}}
"""


def need_nginx() -> None:
    """Skip a test where nginx is missing, or fail it where nginx is required."""
    if NGINX:
        return
    if os.environ.get("NGINX_TESTS") == "required":
        pytest.fail(LEFT_OUT)
    pytest.skip(LEFT_OUT)


@contextmanager
def run_nginx(folder: Path, *, upstream: int, more: str = "", ready: int = 200) -> Iterator[str]:
    """The URL of an nginx in front of a port, with the shipped settings, Elastic Beanstalk's own and `more`.

    `ready` is the status that /ready must have through it before the block starts.
    """
    port = free_port()
    user = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""  # else workers would not own the folder
    configuration = folder / "nginx.conf"
    configuration.write_text(
        _CONFIGURATION.format(user=user, folder=folder, project=PROJECT, upstream=upstream, port=port, more=more)
    )
    command = [NGINX, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(configuration)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: process.poll() is not None or _answers(url, ready))
        assert process.poll() is None, (folder / "error.log").read_text()
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _answers(url: str, ready: int) -> bool:
    try:
        return requests.get(f"{url}/ready", timeout=5).status_code == ready
    except requests.ConnectionError:
        return False
