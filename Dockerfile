# Images of varve itself, for linux/amd64. `npm ci && npm run image` prepares dist/image, the only folder of the context
# that is used:
#
#   varve build -t varve/server .                    # the server; executes no RUN steps itself: see docs/runner.md
#   varve build -t varve/cli --target cli .          # the command, for jobs of CI
#   varve build -t varve/kaniko --target kaniko .    # in the place of kaniko's executor: see docs/from-kaniko.md
#
# BASE is a Debian or another system with glibc 2.28 or later and libstdc++.
ARG BASE=debian:trixie-slim

# The runtime of the server does not start without certificates; the command needs git for contexts.
FROM ${BASE} AS tools
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates git \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log /var/cache/ldconfig/aux-cache

FROM tools AS cli
# An address that clients of this image need not set.
ARG VARVE_SERVER
ENV VARVE_SERVER=${VARVE_SERVER}
COPY dist/image/varve /usr/local/bin/varve
WORKDIR /workspace
CMD ["varve"]

FROM tools AS kaniko
ARG VARVE_SERVER
ENV VARVE_SERVER=${VARVE_SERVER}
# Where command lines, mounts and settings of kaniko expect them.
ENV HOME=/root USER=root PATH=/usr/local/bin:/kaniko:/usr/bin:/bin
ENV DOCKER_CONFIG=/kaniko/.docker/ SSL_CERT_DIR=/kaniko/ssl/certs
COPY dist/image/varve /kaniko/executor
COPY --chmod=0777 dist/image/state/ /kaniko/.docker/
COPY --chmod=0777 dist/image/state/ /kaniko/ssl/certs/
WORKDIR /workspace
ENTRYPOINT ["/kaniko/executor"]

FROM tools AS server
COPY dist/image/server/ /opt/varve/
# The user of the server; a volume that is mounted there must belong to it.
COPY --chown=65532:65532 dist/image/state/ /var/lib/varve/
ENV VARVE_DATA=/var/lib/varve PORT=8787
VOLUME /var/lib/varve
EXPOSE 8787
USER 65532:65532
STOPSIGNAL SIGTERM
ENTRYPOINT ["/opt/varve/node", "/opt/varve/varve.js"]
CMD ["serve"]
