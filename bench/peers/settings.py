"""Settings of the peers' Django project: lean middleware, kept connections, own tables in schema `peers`."""

import os

from config.database import configuration

SECRET_KEY = "bench " * 10
ALLOWED_HOSTS = ["*"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "bench.peers.urls"
WSGI_APPLICATION = "bench.peers.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "rest_framework",
    "rest_framework.authtoken",
    "knox",
    "channels",
    "bench.peers",
]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
DATABASES = {
    "default": configuration(os.environ["BENCH_PEERS_URL"])
    | {"ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": None}
}
# Django's own defaults for binding and preparing: what a peer has without special care.
for option in ("server_side_binding", "prepare_threshold"):
    DATABASES["default"]["OPTIONS"].pop(option, None)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [os.environ.get("BENCH_REDIS_URL", "redis://127.0.0.1:6379/0")]},
    }
}
