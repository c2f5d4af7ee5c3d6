"""nginx answering a constant, with or without a key: close to the limit of the machine. The process becomes nginx.

python -m bench.peers.nginx PORT FOLDER
"""

import getpass
import os
import sys
from pathlib import Path

from bench.machine import NGINX
from bench.peers.constant import ANSWER

_CONFIGURATION = """
{user}
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    default_type application/json;
    server {{
        listen 127.0.0.1:{port};
        location /predict {{
            {check}
            return 200 '{answer}';
        }}
    }}
}}
"""


def main(port: str, folder: str) -> None:
    key = os.environ.get("API_KEY")
    configuration = Path(folder) / "nginx.conf"
    configuration.write_text(
        _CONFIGURATION.format(
            user=f"user {getpass.getuser()};" if os.geteuid() == 0 else "",  # root's workers do not own the folder
            folder=folder,
            port=port,
            check=f'if ($http_x_api_key != "{key}") {{ return 401; }}' if key else "",
            answer=ANSWER.decode(),
        )
    )
    os.execv(str(NGINX), ["nginx", "-p", folder, "-e", "stderr", "-c", str(configuration)])


if __name__ == "__main__":
    main(*sys.argv[1:])
