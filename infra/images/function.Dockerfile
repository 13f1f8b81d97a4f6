# One HTTP function: docker build -f infra/images/function.Dockerfile --build-arg FUNCTION=products .

FROM python:3.11-slim-bookworm AS dependencies
ARG FUNCTION
WORKDIR /build
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
# The metadata alone, so that a change of code does not install everything again; the two empty files are named in it.
COPY pyproject.toml constraints.txt ./
RUN touch README.md LICENSE \
    && pip install --no-cache-dir --no-compile -c constraints.txt ".[${FUNCTION}]" \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /venv/lib \
    && pip uninstall -q -y stockcast pip

FROM python:3.11-slim-bookworm
ARG FUNCTION
RUN useradd --system --uid 10001 --no-create-home stockcast
WORKDIR /app
COPY --from=dependencies /venv /venv
COPY shared shared
COPY functions/__init__.py functions/__init__.py
COPY functions/${FUNCTION} functions/${FUNCTION}
ENV PATH=/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    FUNCTION_TARGET=${FUNCTION} \
    FUNCTION_SOURCE=functions/${FUNCTION}/main.py
# Compiled once here instead of at every cold start. Importing it shows that the extra installs what it needs.
RUN python -m compileall -q --invalidation-mode unchecked-hash shared functions \
    && python -c "import functions.${FUNCTION}.main"
USER 10001
CMD ["functions-framework"]
