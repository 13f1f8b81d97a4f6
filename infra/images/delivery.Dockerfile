# What deploys: migrations, rollouts, the walk through a new revision. docker build -f infra/images/delivery.Dockerfile .

FROM python:3.11-slim-bookworm AS dependencies
WORKDIR /build
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
COPY pyproject.toml constraints.txt ./
RUN touch README.md LICENSE \
    && pip install --no-cache-dir --no-compile -c constraints.txt ".[delivery]" \
    && pip uninstall -q -y stockcast pip

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home stockcast
WORKDIR /app
COPY --from=dependencies /venv /venv
COPY shared shared
COPY infra infra
ENV PATH=/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
# Importing everything shows that the extra installs what it needs.
RUN python -c "import infra.delivery.__main__, infra.delivery.google, infra.migrate"
USER 10001
ENTRYPOINT ["python", "-m", "infra.delivery"]
