# Two stages: the first has the compiler, the second only the program.

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked

FROM debian:bookworm-slim
# Whom to believe when a cluster shows a certificate of a public authority.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
RUN groupadd --gid 10001 cadastre \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/cadastre \
        --shell /usr/sbin/nologin cadastre \
    && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/cadastre
COPY --from=build /src/target/release/cadastre /usr/local/bin/cadastre

# Without CADASTRE_TLS_CERT there is no TLS: publish the port on loopback, or put a proxy that ends it
# in front.
ENV CADASTRE_LISTEN=0.0.0.0:8080 \
    CADASTRE_DATA_DIR=/var/lib/cadastre
USER 10001:10001
WORKDIR /var/lib/cadastre
VOLUME /var/lib/cadastre
EXPOSE 8080

# The image has no curl; bash can open a connection by itself. Whoever changes the port of
# CADASTRE_LISTEN needs a check of his own.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && read -r line <&3 && [[ $line == *' 200 '* ]]"]

# SIGTERM, which docker sends, lets requests in flight finish; that may take a minute.
ENTRYPOINT ["cadastre"]
