# The forecast job: docker build -f infra/images/forecast_job.Dockerfile .

FROM python:3.11-slim-bookworm AS dependencies
WORKDIR /build
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
# The metadata alone, so that a change of code does not install everything again; the two empty files are named in it.
COPY pyproject.toml constraints.txt ./
RUN touch README.md LICENSE \
    && pip install --no-cache-dir --no-compile -c constraints.txt ".[forecast-job]" \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /venv/lib \
    && pip uninstall -q -y stockcast pip

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home stockcast
WORKDIR /app
COPY --from=dependencies /venv /venv
# Model weights, where the build put some beside the code: a task never downloads them. The brackets make it optional.
COPY weight[s] weights
COPY shared shared
COPY forecast_job forecast_job
ENV PATH=/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
RUN python -m compileall -q --invalidation-mode unchecked-hash shared forecast_job \
    && python -c "import forecast_job.__main__"
USER 10001
CMD ["python", "-m", "forecast_job"]
