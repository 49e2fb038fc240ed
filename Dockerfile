# One image per role; without --target it is everything in one:
#     docker build -t coach-pro-backend .
#     docker build --target api|worker|engine -t coach-pro-api|coach-pro-worker|coach-pro-engine .
# What goes in is named in .dockerignore; which versions, in requirements.txt. docs/deployment.md tells how to run them.

FROM python:3.11-slim-bookworm AS build
WORKDIR /build
COPY pyproject.toml requirements.txt ./
# The code comes later, so that a change of it installs nothing anew: what is installed here is the command `coach-pro`
# and the libraries of its extras.
RUN touch README.md \
    && python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --constraint requirements.txt pip setuptools

FROM build AS build-server
RUN /venv/bin/pip install --no-cache-dir --no-build-isolation --constraint requirements.txt ".[celery,s3]" \
    && /venv/bin/pip uninstall --yes setuptools pip

FROM build AS build-engine
RUN /venv/bin/pip install --no-cache-dir --constraint requirements.txt --group engine-alone \
    && /venv/bin/pip uninstall --yes setuptools pip

FROM build AS build-backend
RUN /venv/bin/pip install --no-cache-dir --no-build-isolation --constraint requirements.txt ".[celery,engine,s3]" \
    && /venv/bin/pip uninstall --yes setuptools pip


FROM python:3.11-slim-bookworm AS runtime
RUN groupadd --gid 10001 coach-pro \
    && useradd --uid 10001 --gid coach-pro --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin coach-pro \
    && install --directory --owner=coach-pro --group=coach-pro --mode=0750 /var/coach_pro /work
ENV PATH=/venv/bin:$PATH \
    PYTHONPATH=/srv/coach-pro \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/var/coach_pro/data \
    UPLOAD_DIR=/var/coach_pro/uploads
WORKDIR /srv/coach-pro
# Code belongs to root: whoever takes over a process cannot change what the next one runs.
USER 10001:10001


# The bundled engine. It decodes the videos of strangers, and has neither the server's code nor its secrets.
FROM runtime AS engine
COPY --from=build-engine /venv /venv
COPY confinement confinement
COPY contract contract
COPY football football
COPY engine engine
ENV TMPDIR=/work
EXPOSE 50051
HEALTHCHECK --interval=10s --timeout=10s --start-period=60s --retries=3 CMD ["python", "-m", "engine", "health", "--port", "50051"]
ENTRYPOINT ["python", "-m", "engine"]
CMD ["--host", "0.0.0.0", "--port", "50051"]


FROM runtime AS server
COPY --from=build-server /venv /venv
COPY confinement confinement
COPY contract contract
COPY football football
COPY alembic.ini main.py ./
COPY alembic alembic
COPY probe probe
COPY app app
VOLUME /var/coach_pro


# Jobs only. Also what is run once: `docker run --rm ... coach-pro-worker migrate`, `backup`, `restore`.
FROM server AS worker
HEALTHCHECK NONE
ENTRYPOINT ["coach-pro"]
CMD ["worker"]


# The API only, in several processes (WEB_CONCURRENCY); jobs are for the workers, or for its embedded ones.
FROM server AS api
COPY deploy/gunicorn.conf.py deploy/gunicorn.conf.py
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["gunicorn", "--config", "deploy/gunicorn.conf.py"]
CMD ["main:app"]


# Everything in one container: API, one embedded worker, bundled engine, migrations at the start. The default.
FROM runtime AS backend
COPY --from=build-backend /venv /venv
COPY confinement confinement
COPY contract contract
COPY football football
COPY engine engine
COPY alembic.ini main.py ./
COPY alembic alembic
COPY probe probe
COPY app app
VOLUME /var/coach_pro
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["coach-pro"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
