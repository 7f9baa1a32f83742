// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shells expand these, not JavaScript.
import { PATH } from "../../bases/image.ts";
import type { Case } from "../../case.ts";
import { argHistory, repeatedArg } from "../../newer.ts";
import { doc } from "../dockerfile.ts";
import { onBusybox } from "./busybox.ts";

/** The environment of a process. */
export const runProcessCases: Case[] = [
  { name: "run-env", dockerfile: onBusybox("ENV A=1 B='two words'", "RUN env | sort > /env") },
  {
    name: "run-env-order",
    dockerfile: onBusybox("ENV Z=1", "ENV A=$Z", "RUN echo $A$Z${UNSET:-unset} > /f"),
  },
  {
    name: "run-args",
    newer: [argHistory({ "ARG G": "ARG G=global", "ARG B": "ARG B=given" })],
    dockerfile: doc(
      "ARG G=global",
      "FROM varve/busybox:1",
      "ARG G",
      "ARG A=default",
      "ARG B",
      "RUN env | sort > /env",
    ),
    args: { B: "given" },
  },
  {
    name: "run-arg-below-env",
    newer: [repeatedArg],
    dockerfile: onBusybox("ARG A=arg", "ENV A=env", "RUN echo $A > /f", "ARG A=again", "RUN echo $A >> /f"),
  },
  {
    name: "run-proxy-args",
    dockerfile: onBusybox("RUN echo $HTTP_PROXY $http_proxy $no_proxy > /f"),
    args: { HTTP_PROXY: "http://proxy.invalid", no_proxy: "x" },
  },
  {
    name: "run-platform-args",
    newer: [
      argHistory({
        "ARG TARGETPLATFORM": "ARG TARGETPLATFORM=linux/amd64",
        "ARG TARGETARCH": "ARG TARGETARCH=amd64",
      }),
    ],
    dockerfile: onBusybox(
      "ARG TARGETPLATFORM",
      "ARG TARGETARCH",
      "RUN echo $TARGETPLATFORM $TARGETARCH > /f",
    ),
  },
  {
    name: "run-workdir",
    dockerfile: onBusybox("WORKDIR /w/x", "RUN pwd > where && mkdir y", "WORKDIR y", "RUN pwd > where"),
  },
  { name: "run-workdir-deleted", dockerfile: onBusybox("WORKDIR /w", "RUN rmdir /w", "RUN pwd > /f") },
  {
    name: "run-workdir-through-link",
    dockerfile: onBusybox("WORKDIR /var/current", "RUN pwd > /f && echo x > here"),
  },
  {
    name: "run-user",
    dockerfile: onBusybox(
      "RUN chmod 777 /srv",
      "USER app",
      "RUN id > /srv/id && echo $HOME >> /srv/id && touch /home/app/mine",
    ),
  },
  {
    name: "run-user-groups",
    dockerfile: onBusybox(
      "RUN chmod 777 /srv",
      "USER app:www-data",
      "RUN id > /srv/id",
      "USER 1000",
      "RUN id > /srv/id2",
      "USER 1000:33",
      "RUN id > /srv/id3",
    ),
  },
  {
    name: "run-user-number-unknown",
    dockerfile: onBusybox("RUN chmod 777 /srv", "USER 5555:6666", "RUN id > /srv/id; echo $HOME >> /srv/id"),
  },
  {
    name: "run-user-like-a-number",
    dockerfile: onBusybox("RUN chmod 777 /srv", "USER 4242", "RUN id > /srv/id"),
  },
  {
    name: "run-user-unknown",
    dockerfile: onBusybox("USER nobody-knows", "RUN true"),
    fails: ["unable to find user nobody-knows"],
  },
  {
    name: "run-group-unknown",
    dockerfile: onBusybox("USER app:nobody-knows", "RUN true"),
    fails: ["unable to find group nobody-knows"],
  },
  {
    name: "run-user-may-not",
    dockerfile: onBusybox("USER app", "RUN echo x > /etc/passwd"),
    fails: ["exit code: 1"],
  },
  {
    name: "run-user-owns-what-it-makes",
    dockerfile: onBusybox("USER app", "RUN mkdir /tmp/d && echo x > /tmp/d/f && ln -s f /tmp/d/l"),
  },
  {
    name: "run-home",
    dockerfile: onBusybox("RUN echo $HOME > /f", "ENV HOME=/elsewhere", "RUN echo $HOME >> /f"),
  },
  { name: "run-pid-1", dockerfile: onBusybox("RUN echo $$ > /f && cat /proc/1/comm >> /f") },
  {
    name: "run-capabilities",
    dockerfile: onBusybox(
      "RUN grep Cap /proc/self/status > /caps && grep NoNewPrivs /proc/self/status >> /caps",
    ),
  },
  {
    name: "run-capabilities-of-user",
    dockerfile: onBusybox("USER app", "RUN grep Cap /proc/self/status > /tmp/caps"),
  },
  {
    name: "run-devices",
    because: "runtimes differ in /dev/core",
    dockerfile: onBusybox(
      "RUN ls /dev | grep -vx core | sort > /devs; echo x > /dev/null && head -c 4 /dev/zero | wc -c >> /devs",
    ),
  },
  {
    name: "run-dev-shm",
    dockerfile: onBusybox("RUN echo x > /dev/shm/x && echo y > /dev/file && ls /dev/shm > /f"),
  },
  {
    name: "run-masked-paths",
    dockerfile: onBusybox(
      "RUN for p in kcore keys timer_list sched_debug; do wc -c < /proc/$p; done > /f 2>/dev/null; ls /proc/acpi /proc/scsi /sys/firmware 2>/dev/null | wc -l >> /f; true",
    ),
  },
  {
    name: "run-read-only-paths",
    dockerfile: onBusybox(
      "RUN (echo 1 > /proc/sys/kernel/hostname) 2>/dev/null && echo written > /f || echo refused > /f",
    ),
  },
  {
    name: "run-mounting-is-refused",
    dockerfile: onBusybox(
      "RUN mount -t tmpfs none /srv 2>/dev/null && echo mounted > /f || echo refused > /f",
    ),
  },
  { name: "run-hostname", dockerfile: onBusybox("RUN hostname > /f && cat /etc/hosts >> /f") },
  {
    name: "run-user-without-group-file",
    dockerfile: onBusybox("RUN rm /etc/group", "USER app", "RUN test $(id -G) = 1001"),
    newer: [
      {
        because: "a user is also found when there is no /etc/group",
        image: {
          base: "varve/busybox:1",
          platform: "linux/amd64",
          config: { Env: [PATH], Cmd: ["sh"], User: "app" },
          history: [
            { created_by: "ADD busybox.tar / # buildkit", comment: "buildkit.dockerfile.v0" },
            { created_by: 'CMD ["sh"]', comment: "buildkit.dockerfile.v0", empty_layer: true },
            { created_by: "RUN /bin/sh -c rm /etc/group # buildkit", comment: "buildkit.dockerfile.v0" },
            { created_by: "USER app", comment: "buildkit.dockerfile.v0", empty_layer: true },
            {
              created_by: "RUN /bin/sh -c test $(id -G) = 1001 # buildkit",
              comment: "buildkit.dockerfile.v0",
            },
          ],
          layers: 3,
          rootfs: ["dev", "etc", "proc", "sys"].map((path) => ({
            path,
            type: "dir",
            mode: "0755",
            uid: 0,
            gid: 0,
          })),
          removed: ["etc/group"],
        },
      },
    ],
  },
  { name: "run-network-none", dockerfile: onBusybox("RUN --network=none ls /sys/class/net > /f") },
  {
    name: "run-network-host",
    dockerfile: onBusybox("RUN --network=host true"),
    fails: ["network.host is not allowed"],
  },
  {
    name: "run-security-insecure",
    dockerfile: doc(
      "# syntax=docker/dockerfile:1-labs",
      "FROM varve/busybox:1",
      "RUN --security=insecure true",
    ),
    fails: ["security"],
  },
  { name: "run-stdin-is-empty", dockerfile: onBusybox("RUN cat > /f; echo $? >> /f") },
  {
    name: "run-leaves-a-process",
    dockerfile: onBusybox("RUN (sleep 100; echo late > /late) & echo now > /now"),
  },
  { name: "run-signal-mask", dockerfile: onBusybox("RUN grep -E '^Sig(Blk|Ign)' /proc/self/status > /f") },
];
