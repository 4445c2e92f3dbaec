# Two stages: uv and its caches stay in the first, the second holds Python, the locked packages and nothing to build with.
FROM python:3.11.14-slim-trixie AS builder

ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PROJECT_ENVIRONMENT=/opt/star-coach \
    UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir uv==0.13.9

WORKDIR /src
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-default-groups --no-install-project
COPY README.md LICENSE ./
COPY app app
COPY migrations migrations
COPY prompts prompts
COPY rubrics rubrics
RUN uv sync --frozen --no-default-groups --no-editable


FROM python:3.11.14-slim-trixie

RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 65532 coach \
    && useradd --uid 65532 --gid coach --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin coach \
    && install --directory --owner coach --group coach --mode 0700 /data
COPY --from=builder /opt/star-coach /opt/star-coach

ENV COACH_DATABASE_URL=sqlite:////data/coach.db \
    COACH_JOBS=in-process \
    PATH=/opt/star-coach/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8000
USER 65532:65532

HEALTHCHECK --interval=15s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ.get(\"COACH_PORT\", 8000)}/healthz', timeout=3)"]

# --upgrade brings the schema up to date under a lock; leave it out where migrations are a step of their own.
CMD ["star-coach", "serve", "--host", "0.0.0.0", "--upgrade"]
