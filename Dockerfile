# The packages that the server needs when it runs, and none of their install scripts: Node comes with the image.
FROM node:26.10.0-bookworm-slim AS packages
WORKDIR /parley
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:26.10.0-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 DATA_DIR=/data
WORKDIR /parley
RUN mkdir --mode=0700 /data && chown node:node /data
COPY --from=packages /parley/node_modules node_modules
COPY package.json ./
COPY domain domain
COPY ports ports
COPY adapters adapters
COPY commands commands
COPY projections projections
COPY reactions reactions
COPY relay relay
COPY schemas schemas
COPY search search
COPY services services
COPY api api
COPY realtime realtime
COPY app app
USER node
VOLUME /data
EXPOSE 8080
# Node is the first process: `parley serve` itself ends in good order at SIGTERM, in a few seconds more than DRAIN_SECONDS.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.OPS_PORT || process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "app/main.ts"]
CMD ["serve"]
