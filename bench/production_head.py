"""The headers of a request in production: from a client, through a load balancer and Elastic Beanstalk's nginx.

wrk adds Content-Length, and every load its Content-Type: twelve headers in addition to the key.
"""

KEY = "k-7f0d1c52b8e94a63a1f4d2c9e86b3057"
"""The API key of the server and of its requests."""

KEY_HEADER = "X-API-Key"

HEAD = {
    "Host": "churn.example.com",
    "Connection": "upgrade",  # set by nginx, without an Upgrade header
    "X-Real-IP": "10.0.12.83",
    "X-Forwarded-For": "203.0.113.47, 10.0.12.83",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Port": "443",
    "X-Amzn-Trace-Id": "Root=1-67891233-abcdef012345678912345678",
    "User-Agent": "python-requests/2.34.2",
    "Accept": "*/*",
    "Accept-Encoding": "gzip, deflate",
}
"""The headers without the key."""
