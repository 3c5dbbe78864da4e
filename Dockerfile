# Knock-on for an organisation's server; docs/how-to/deploy.md says how, and how without Docker.
FROM node:20-bookworm-slim AS page
WORKDIR /page
# the version is that of data/scripts.py, which refuses another
RUN npm pack maplibre-gl@5.24.1 --ignore-scripts && mv *.tgz map_library.tgz

FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /srv/knock-on
COPY requirements.lock .
RUN pip install -r requirements.lock

COPY . .
COPY --from=page /page/map_library.tgz /tmp/
RUN python -m data.prepare.map_library /tmp/map_library.tgz
# what numba compiles lies beside the engine, so it is made here, while the folder is writable
RUN python cli.py warmup \
    && useradd --system --home-dir /srv/knock-on --shell /usr/sbin/nologin knock-on \
    && install -d -o knock-on /srv/knock-on/var

USER knock-on
ENV KNOCKON_HOST=0.0.0.0 KNOCKON_SIGN_IN=on
EXPOSE 8050
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD python -c "from urllib.request import Request, urlopen; urlopen(Request('http://127.0.0.1:8050/healthz'), timeout=4)"
CMD ["python", "app.py"]
