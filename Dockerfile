# syntax=docker/dockerfile:1
# The operator in an image of its own: Node, the libraries it is linked to, the bundled program, and
# nothing else; no shell, no package manager. scripts/image-steps.sh runs these steps without a
# container engine, so it reads this file: keep to FROM, ARG, ENV, WORKDIR, COPY and RUN on one line.

FROM node:24-bookworm-slim AS build
# What becomes the last stage is gathered here.
ENV IMAGE=/image
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY src ./src
COPY scripts ./scripts
RUN node scripts/bundle.ts "$IMAGE/app"
RUN sh scripts/image-root.sh "$IMAGE"

FROM scratch
COPY --from=build /image /
ENV NODE_ENV=production
# Node's threads share one arena of glibc, which gives back what it no longer needs: what compiling
# the program took at the start would otherwise stay for good, some 15 MB.
ENV MALLOC_ARENA_MAX=1
ENV MALLOC_TRIM_THRESHOLD_=131072
# A number, because Kubernetes can tell from it alone that this is not root.
USER 65532:65532
# A little more work for less memory: a small nursery, and a collection once garbage is 30 % of what
# lives, where on a large machine it would be allowed several times as much.
ENTRYPOINT ["/usr/local/bin/node", "--max-semi-space-size=4", "--heap-growing-percent=30", "/app/datajob-operator.mjs"]
CMD ["run"]
