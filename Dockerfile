FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /srv/portal

COPY requirements.lock ./
RUN pip install --require-hashes --only-binary :all: -r requirements.lock

COPY . .
# A throwaway key: collectstatic reads the settings but signs nothing.
RUN SECRET_KEY=only-for-this-build PORTAL_PRODUCTION=1 PORTAL_STATE=/tmp/state STATIC_ROOT=/srv/static \
    sh -c '[ ! -d locale ] || python -m babel.messages.frontend -q compile -D django -d locale; \
           python manage.py collectstatic --noinput --verbosity 0' \
    && rm -rf /tmp/state \
    && groupadd --system --gid 10001 portal \
    && useradd --system --uid 10001 --gid 10001 --home-dir /var/lib/portal --create-home portal \
    && chmod 711 /var/lib/portal && install -d -o portal -g portal -m 700 /var/lib/backups \
    && install -d -o portal -g portal -m 750 /var/lib/portal/media

USER portal
ENV PORTAL_PRODUCTION=1 PORTAL_STATE=/var/lib/portal STATIC_ROOT=/srv/static
VOLUME /var/lib/portal /var/lib/backups
EXPOSE 8000
CMD ["gunicorn", "portal.wsgi", "-b", "0.0.0.0:8000", "-k", "gthread", "-w", "2", "--threads", "4", \
     "--preload", "--no-control-socket", "--worker-tmp-dir", "/dev/shm", "--log-level", "warning"]
