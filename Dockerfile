# One image for every process of Rollcall: the pinned packages, the code, an unprivileged user.
FROM python:3.11-slim-bookworm

ARG ROLLCALL_UID=50000
ARG ROLLCALL_GID=0

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# the city report's PDF is drawn with pango
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /opt/rollcall
COPY requirements.lock ./
RUN python -m pip install --require-hashes --no-deps -r requirements.lock

COPY pyproject.toml README.md LICENSE ./
COPY plugins plugins
COPY dags dags
COPY dbt_project dbt_project
COPY expectations expectations
COPY city city
COPY docs docs
RUN python -m pip install --no-deps --no-build-isolation --editable . \
    # a named volume takes the owner of the folder that it is first mounted on
    && install -d -o "${ROLLCALL_UID}" -g "${ROLLCALL_GID}" -m 0700 \
        /var/lib/rollcall /var/lib/rollcall-landing /var/lib/rollcall-published /var/lib/rollcall-packs

USER ${ROLLCALL_UID}:${ROLLCALL_GID}
CMD ["rollcall", "--help"]
