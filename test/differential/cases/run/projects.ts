import type { Case } from "../../case.ts";
import { doc } from "../dockerfile.ts";
import { context, onBusybox } from "./busybox.ts";

/** Dockerfiles of typical projects. */
export const runProjectCases: Case[] = [
  {
    name: "run-project-multi-stage",
    dockerfile: doc(
      "FROM varve/busybox:1 AS build",
      "WORKDIR /src",
      "COPY d .",
      "RUN mkdir -p /out/bin && cat g sub/h > /out/bin/program && chmod 755 /out/bin/program",
      "FROM varve/busybox:1",
      "RUN adduser -D -u 1234 service 2>/dev/null || echo 'service:x:1234:1234::/home/service:/bin/sh' >> /etc/passwd",
      "COPY --from=build --chown=1234 /out /usr/local",
      "USER 1234",
      "RUN id -u > /tmp/uid",
      'CMD ["program"]',
    ),
    context,
  },
  {
    name: "run-project-clean-up",
    dockerfile: onBusybox(
      "RUN mkdir -p /var/cache/pkg && head -c 1000000 /dev/zero > /var/cache/pkg/a && echo tool > /usr/bin/tool && chmod +x /usr/bin/tool && rm -rf /var/cache/pkg /tmp/*",
      "RUN rm -rf /var/cache && mkdir /var/cache",
    ),
  },
  {
    name: "run-project-chown-tree",
    dockerfile: onBusybox(
      "COPY d /app",
      "RUN chown -R app:app /app && chmod -R go-rwx /app && find /app -type d -exec chmod 750 {} +",
    ),
    context,
  },
];
