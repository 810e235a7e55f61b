# syntax=docker/dockerfile:1
# docker build -t partyline .
# docker run -d -p 127.0.0.1:8080:8080 -v partyline:/data -e PARTYLINE_PUBLIC_URL=https://inbox.example.com --stop-timeout 20 partyline

FROM node:20-bookworm-slim AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
COPY web/kit/package.json kit/
COPY web/inbox/package.json inbox/
COPY web/phones/package.json phones/
RUN npm ci --no-audit --no-fund
COPY web ./
RUN npm run build

FROM rust:1.95-bookworm AS program
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY crates crates
COPY bench bench
COPY sim sim
COPY --from=web /src/web/inbox/dist web/inbox/dist
COPY --from=web /src/web/phones/dist web/phones/dist
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --locked --release -p partyline && cp target/release/partyline /partyline

FROM debian:bookworm-slim
# the authorities that providers' certificates are checked against: always the newest
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin partyline \
    && install -d -o partyline -g partyline -m 700 /data
COPY --from=program /partyline /usr/local/bin/partyline
COPY LICENSE NOTICE /usr/share/doc/partyline/
USER 10001:10001
WORKDIR /data
# everything that must outlive the container: database, files, key
VOLUME /data
ENV PARTYLINE_DATA_DIR=/data PARTYLINE_LISTEN=0.0.0.0:8080 PARTYLINE_LOG_FORMAT=json
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["partyline"]
CMD ["serve"]
