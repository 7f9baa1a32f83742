import type { Case } from "../../case.ts";
import { onDebian, onTools } from "./dockerfile.ts";

/** Users and groups, made by Debian's programs. */
export const accountCases: Case[] = [
  {
    name: "accounts-useradd",
    dockerfile: onDebian(
      "RUN groupadd --gid 1500 app && useradd --uid 1500 --gid app --create-home --shell /bin/bash app",
      "USER app",
      "WORKDIR /home/app",
      "RUN id > id && echo $HOME > home && pwd > pwd && touch .mine",
    ),
  },
  {
    name: "accounts-system-user",
    dockerfile: onDebian(
      "RUN useradd --system --no-create-home --shell /usr/sbin/nologin --home-dir /nonexistent service",
      "USER service",
      "RUN id > /tmp/id; echo $HOME >> /tmp/id",
    ),
  },
  {
    name: "accounts-supplementary-groups",
    dockerfile: onDebian(
      "RUN groupadd -g 2001 one && groupadd -g 2002 two && useradd -u 2000 -G one,two,audio app && chmod 777 /srv",
      "RUN install -d -m 2770 -g two /shared",
      "USER app",
      "RUN id > /srv/by-name && touch /shared/from-app",
      "USER 2000",
      "RUN id > /srv/by-number",
      "USER app:one",
      "RUN id > /srv/with-group",
      "USER 2000:2002",
      "RUN id > /srv/numbers",
    ),
  },
  {
    name: "accounts-usermod",
    dockerfile: onDebian(
      "RUN useradd -m app",
      "RUN usermod -aG staff app && usermod -l other -d /home/other -m app && groupmod -n others app",
      "USER other",
      "RUN id > ~/id",
    ),
  },
  {
    name: "accounts-userdel",
    dockerfile: onDebian("RUN useradd -m app && echo x > /home/app/x", "RUN userdel -r app && userdel games"),
  },
  {
    name: "accounts-edited",
    dockerfile: onDebian(
      "RUN echo 'app:x:3000:3000::/app:/bin/sh' >> /etc/passwd && echo 'app:x:3000:' >> /etc/group && sed -i s/^games.*// /etc/passwd",
      "WORKDIR /app",
      "RUN chown app: /app",
      "USER app",
      "RUN whoami > who && echo $HOME > home",
    ),
  },
  {
    name: "accounts-password",
    dockerfile: onDebian("RUN useradd -p '$6$salt$hash' app && chage -M 90 app && passwd -l root"),
  },
  {
    name: "accounts-adduser",
    dockerfile: onDebian(
      "RUN apt-get update && apt-get install -y --no-install-recommends adduser && rm -rf /var/lib/apt/lists/*",
      "RUN adduser --disabled-password --comment '' --uid 1234 app && adduser --system --group daemon2 && adduser app audio",
      "USER app:audio",
      "RUN id > ~/id",
    ),
  },
  {
    name: "accounts-switch",
    dockerfile: onDebian(
      "RUN useradd -m app && su app -c 'id > ~/su' && runuser -u app -- sh -c 'id > /home/app/runuser' && setpriv --reuid=app --regid=app --init-groups sh -c 'id > /home/app/setpriv'",
    ),
  },
  {
    name: "accounts-copy-chown",
    dockerfile: onDebian(
      "RUN useradd -u 4000 -m app",
      "COPY --chown=app:staff f /home/app/f",
      "COPY --chown=app . /home/app/all/",
      "USER app",
      "RUN echo more >> /home/app/all/f",
    ),
    context: { f: "f\n" },
  },
  {
    name: "accounts-setuid-program",
    dockerfile: onDebian(
      "RUN cp /usr/bin/id /usr/local/bin/id-as-root && chmod 4755 /usr/local/bin/id-as-root",
      "USER nobody",
      "RUN id-as-root > /tmp/id",
    ),
  },
  {
    name: "accounts-capable-program",
    dockerfile: onTools(
      "RUN mkdir /capable && cp /usr/bin/busybox /capable/busybox && setcap cap_net_raw,cap_chown=ep /capable/busybox",
      "USER nobody",
      "RUN /capable/busybox grep Cap /proc/self/status > /tmp/caps; touch /tmp/f && /capable/busybox chown 7:8 /tmp/f",
    ),
  },
  {
    name: "accounts-home-is-missing",
    dockerfile: onDebian(
      "RUN useradd -d /nowhere app",
      "USER app",
      "RUN cd; pwd > /tmp/f; echo $HOME >> /tmp/f",
    ),
  },
];
