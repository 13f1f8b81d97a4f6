# The forecast job: docker build -f infra/images/forecast_job.Dockerfile .
#
# The engine chronos2 takes its weights from the folder `weights` beside this repository's code, where the build finds one
# (config.json and model.safetensors: `gcloud storage cp gs://BUCKET/chronos-2/* weights/`), or in a folder within it by
# --build-arg WEIGHTS=weights/FOLDER. Without weights the image has the other engines only, unless STOCKCAST_CHRONOS_WEIGHTS
# names a gs:// folder when the job runs.

FROM python:3.11-slim-bookworm AS dependencies
WORKDIR /build
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
# The metadata alone, so that a change of code does not install everything again; the two empty files are named in it.
COPY pyproject.toml constraints.txt ./
RUN touch README.md LICENSE \
    && pip install --no-cache-dir --no-compile -c constraints.txt ".[forecast-job,chronos]" \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /venv/lib \
    && pip uninstall -q -y stockcast pip

FROM python:3.11-slim-bookworm
ARG WEIGHTS=weight[s]
RUN useradd --system --uid 10001 --no-create-home stockcast
WORKDIR /app
COPY --from=dependencies /venv /venv
# The brackets make it optional.
COPY ${WEIGHTS} weights
COPY shared shared
COPY forecast_job forecast_job
ENV PATH=/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STOCKCAST_CHRONOS_WEIGHTS=/app/weights \
    HF_HUB_OFFLINE=1
# Importing everything shows that the extras install what it needs; weights that cannot be used fail the build.
RUN python -m compileall -q --invalidation-mode unchecked-hash shared forecast_job \
    && python -c "import forecast_job.__main__, forecast_job.engines.chronos2" \
    && if [ -d weights ]; then python -c "from forecast_job.engines.weights import CPU, load_pipeline; load_pipeline('weights', CPU)"; fi
USER 10001
CMD ["python", "-m", "forecast_job"]
