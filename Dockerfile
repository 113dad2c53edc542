# The service as an image: Debian's Python, one environment from hashed wheels, no more.
#
# Debian with Debian's Python rather than python:3.11-slim: security updates of the
# interpreter come with the others, and where no registry can be reached, a base made by
# mmdebstrap holds the same packages, so that what is tried there is what ships.
ARG BASE=docker.io/library/debian:bookworm-slim

FROM ${BASE} AS build
# Debian keeps one version of a package: a pinned one is gone with its first update.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-venv \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
# For a network with a certificate authority of its own; nothing of it stays:
# --secret id=certificates,src=FILE --build-arg PIP_CERT=/run/secrets/certificates
ARG PIP_CERT
WORKDIR /build
COPY requirements/runtime.txt ./
RUN --mount=type=secret,id=certificates \
    python3 -m venv tools \
    && tools/bin/pip download --no-cache-dir --only-binary :all: --require-hashes \
        --dest wheels -r runtime.txt
# From here on nothing is fetched: what follows finds these wheels or fails. The lock
# holds the SDK's and the builder's needs too; the service takes only its own.
ENV PIP_NO_INDEX=1 PIP_FIND_LINKS=/build/wheels PIP_NO_CACHE_DIR=1
# hadolint ignore=DL3013
RUN tools/bin/pip install hatchling
COPY . source
# hadolint ignore=DL3013
RUN tools/bin/pip wheel --no-build-isolation --no-deps --wheel-dir wheels ./source \
    && python3 -m venv --without-pip /opt/rapport \
    && tools/bin/pip --python /opt/rapport/bin/python3 install rapport-service

FROM ${BASE}
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin rapport \
    && useradd --uid 10002 --no-create-home --shell /usr/sbin/nologin rapport-sealing \
    # Where the container that seals mounts its volume, which takes this owner over.
    && install --directory --owner=10002 --group=10002 --mode=0700 /var/lib/rapport-sealing
COPY --from=build /opt/rapport /opt/rapport
COPY service/entrypoint /usr/local/bin/entrypoint
# gunicorn listens on this port, on every address, unless it is told `web -b ...`.
ENV PATH=/opt/rapport/bin:$PATH PORT=8000 PYTHONDONTWRITEBYTECODE=1
WORKDIR /var/lib/rapport
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["python3", "-c", \
    "import os, urllib.request as web; web.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/readyz', timeout=4)"]
ENTRYPOINT ["entrypoint"]
CMD ["web"]
