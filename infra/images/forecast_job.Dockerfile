# The forecast job: docker build -f infra/images/forecast_job.Dockerfile .
#
# The engine chronos2 takes its weights from the folder `weights` beside this repository's code, where the build finds one
# (config.json and model.safetensors; cloudbuild.yaml fetches them for _CHRONOS_WEIGHTS), or in a folder within it by
# --build-arg WEIGHTS=weights/FOLDER. Without weights the image has the other engines only, unless STOCKCAST_CHRONOS_WEIGHTS
# names a gs:// folder when the job runs (Terraform's chronos_weights); weights tuned for a client need that.
#
# --build-arg TORCH_INDEX=... names an index with torch built for another CUDA. build.sh gives it for Cloud Run's L4, whose driver
# is documented as one for CUDA 12.2; the usual torch is for CUDA 13, and the engine then says it cannot be used.
#
# The build prints the digest of the weights that it was given; they forecast only where STOCKCAST_CHRONOS_SHA256 (Terraform's
# chronos_sha256) is the same.

FROM python:3.11-slim-bookworm AS dependencies
ARG TORCH_INDEX
WORKDIR /build
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
# The metadata alone, so that a change of code does not install everything again; the two empty files are named in it.
COPY pyproject.toml constraints.txt ./
RUN touch README.md LICENSE \
    && pip install --no-cache-dir --no-compile ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} -c constraints.txt \
        ".[forecast-job,chronos,statsforecast]" \
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
    && python -c "import forecast_job.__main__, forecast_job.engines.chronos2_tuning, forecast_job.engines.chronos2, statsforecast" \
    && if [ -d weights ]; then python -m forecast_job.engines.weights weights; fi
USER 10001
# Not CMD: the arguments of a single execution (--client, --run-id) take its place.
ENTRYPOINT ["python", "-m", "forecast_job"]
