// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shells expand these, not JavaScript.
import { PATH } from "../bases/image.ts";
import type { Case, ContextEntry } from "../case.ts";
import { argHistory, repeatedArg } from "../newer.ts";

const doc = (...lines: string[]) => `${lines.join("\n")}\n`;
/** On a busybox that runs. */
const on = (...lines: string[]) => doc("FROM varve/busybox:1", ...lines);

const context: Record<string, ContextEntry> = {
  f: "f\n",
  "d/g": "g\n",
  "d/sub/h": { content: "h\n", mode: 0o600 },
  "d/to-g": { symlink: "g" },
};

/** What a process changes becomes the layer. */
const runLayerCases: Case[] = [
  { name: "run-write", dockerfile: on("RUN echo hi > /f") },
  {
    name: "run-nothing",
    dockerfile: on("RUN true", "RUN :"),
    because: "each makes a layer, with nothing in it",
  },
  {
    name: "run-equal-layers",
    dockerfile: on(...["a", "b", "a", "b"].map((text) => `RUN --network=none echo ${text} > /f`)),
    because: "a layer may lie in a stack more than once",
  },
  {
    name: "run-nothing-many-times",
    dockerfile: on(..."12345".split("").map((number) => `RUN --network=none true ${number}`)),
  },
  { name: "run-append", dockerfile: on("RUN echo more >> /etc/passwd") },
  { name: "run-overwrite-with-the-same", dockerfile: on("RUN cat /etc/passwd > /p && cat /p > /etc/passwd") },
  { name: "run-delete-file", dockerfile: on("RUN rm /etc/shadow /var/current") },
  { name: "run-delete-directory", dockerfile: on("RUN rm -r /home /srv/shared") },
  { name: "run-delete-all-in-directory", dockerfile: on("RUN rm -r /srv/shared/*") },
  { name: "run-delete-what-was-made-now", dockerfile: on("RUN mkdir /new && echo x > /new/x && rm -r /new") },
  {
    name: "run-directory-anew",
    dockerfile: on("RUN rm -r /srv/shared && mkdir /srv/shared && echo new > /srv/shared/new"),
  },
  {
    name: "run-directory-anew-with-the-same",
    dockerfile: on("RUN cp -a /srv/shared /s && rm -r /srv/shared && mv /s /srv/shared"),
  },
  { name: "run-directory-anew-empty", dockerfile: on("RUN rm -r /home && mkdir /home") },
  { name: "run-directory-becomes-file", dockerfile: on("RUN rm -r /home && echo file > /home") },
  { name: "run-directory-becomes-link", dockerfile: on("RUN rm -r /home && ln -s srv /home") },
  {
    name: "run-file-becomes-directory",
    dockerfile: on("RUN rm /etc/passwd && mkdir /etc/passwd && echo x > /etc/passwd/x"),
  },
  {
    name: "run-link-becomes-directory",
    dockerfile: on("RUN rm /var/current && mkdir /var/current && echo x > /var/current/x"),
  },
  { name: "run-rename-file", dockerfile: on("RUN mv /etc/shadow /etc/moved") },
  {
    name: "run-rename-directory",
    dockerfile: on("RUN mv /srv/shared /srv/moved && mv /home/app /home/other"),
  },
  { name: "run-swap-directories", dockerfile: on("RUN mv /srv /x && mv /home /srv && mv /x /home") },
  {
    name: "run-chmod",
    dockerfile: on("RUN chmod 600 /etc/passwd && chmod 1750 /home && chmod 4711 /usr/local/bin/lowport"),
  },
  { name: "run-chown", dockerfile: on("RUN chown app:staff /etc/passwd && chown -R 7:8 /srv") },
  { name: "run-chown-link", dockerfile: on("RUN chown -h app /var/current") },
  {
    name: "run-special-bits",
    dockerfile: on(
      "RUN for m in 4755 2755 1777 7000; do mkdir /d$m && chmod $m /d$m && touch /f$m && chmod $m /f$m; done",
    ),
  },
  { name: "run-umask", dockerfile: on("RUN umask 077 && mkdir /d && echo x > /d/f", "RUN umask > /umask") },
  {
    name: "run-touch",
    dockerfile: on("RUN touch /etc /etc/passwd"),
    because: "the time of a directory is no change",
  },
  { name: "run-hard-links", dockerfile: on("RUN mkdir /l && echo x > /l/a && ln /l/a /l/b && ln /l/a /c") },
  { name: "run-hard-link-to-base", dockerfile: on("RUN ln /etc/passwd /twin") },
  {
    name: "run-hard-link-to-earlier-layer",
    dockerfile: on("RUN echo x > /a && mkdir /d && echo y > /d/e", "RUN ln /a /b && ln /d/e /d/c"),
  },
  {
    name: "run-hard-link-broken",
    dockerfile: doc("FROM varve/busybox:1", "RUN echo x > /a && ln /a /b", "RUN echo y >> /a", "RUN rm /b"),
  },
  {
    name: "run-symlinks",
    dockerfile: on("RUN ln -s /etc /abs && ln -s ../nowhere /var/rel && ln -sf new /var/loop"),
  },
  {
    name: "run-fifo-and-devices",
    dockerfile: on("RUN mkfifo -m 640 /p && mknod /c c 1 3 && mknod -m 600 /b b 7 200"),
  },
  { name: "run-sparse-file", dockerfile: on("RUN truncate -s 3M /sparse && printf end >> /sparse") },
  { name: "run-empty-file", dockerfile: on("RUN : > /empty && : > /etc/hostname") },
  { name: "run-large-file", dockerfile: on("RUN yes varve | head -c 20000000 > /large") },
  {
    name: "run-many-files",
    dockerfile: on(
      "RUN mkdir /m && cd /m && for i in $(seq 600); do mkdir -p $((i % 7)) && echo $i > $((i % 7))/$i; done",
    ),
  },
  {
    name: "run-deep-path",
    dockerfile: on("RUN p=/; for i in $(seq 60); do p=$p/directory$i; done; mkdir -p $p && echo deep > $p/f"),
  },
  {
    name: "run-long-name",
    dockerfile: on("RUN touch /$(printf 'n%.0s' $(seq 255)) && ln -s $(printf 'l%.0s' $(seq 300)) /to"),
  },
  {
    name: "run-strange-names",
    dockerfile: on(
      "RUN mkdir '/a b' && touch '/a b/quote\"' '/größe' '/*' '/.wh' '/\\\\' && printf x > \"$(printf '/new\\nline')\"",
    ),
  },
  {
    name: "run-layers-over-layers",
    dockerfile: on(
      "RUN mkdir -p /x/y && echo 1 > /x/y/1",
      "RUN rm -r /x/y && mkdir /x/y && echo 2 > /x/y/2",
      "RUN rm -r /x",
      "RUN mkdir /x && echo 3 > /x/3",
    ),
  },
  {
    name: "run-on-layered-base",
    dockerfile: doc(
      "FROM varve/layered:1 AS l",
      "FROM varve/busybox:1",
      "COPY --from=l /data /data",
      "RUN rm /data/kept.txt && mv /data/opaque /data/moved",
    ),
  },
  {
    name: "run-after-copy",
    dockerfile: on("COPY d /d", "RUN chmod 644 /d/sub/h && rm /d/to-g", "COPY f /d/sub/"),
    context,
  },
  {
    name: "run-capability-kept",
    dockerfile: on("RUN chmod 700 /usr/local/bin/lowport", "RUN cp -a /usr/local/bin/lowport /lowport"),
  },
  {
    name: "run-capability-lost",
    dockerfile: on("RUN echo x >> /usr/local/bin/lowport"),
    because: "Linux takes it from a file that is written",
  },
];

/** What the process sees. */
const runProcessCases: Case[] = [
  { name: "run-env", dockerfile: on("ENV A=1 B='two words'", "RUN env | sort > /env") },
  { name: "run-env-order", dockerfile: on("ENV Z=1", "ENV A=$Z", "RUN echo $A$Z${UNSET:-unset} > /f") },
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
    dockerfile: on("ARG A=arg", "ENV A=env", "RUN echo $A > /f", "ARG A=again", "RUN echo $A >> /f"),
  },
  {
    name: "run-proxy-args",
    dockerfile: on("RUN echo $HTTP_PROXY $http_proxy $no_proxy > /f"),
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
    dockerfile: on("ARG TARGETPLATFORM", "ARG TARGETARCH", "RUN echo $TARGETPLATFORM $TARGETARCH > /f"),
  },
  {
    name: "run-workdir",
    dockerfile: on("WORKDIR /w/x", "RUN pwd > where && mkdir y", "WORKDIR y", "RUN pwd > where"),
  },
  { name: "run-workdir-deleted", dockerfile: on("WORKDIR /w", "RUN rmdir /w", "RUN pwd > /f") },
  {
    name: "run-workdir-through-link",
    dockerfile: on("WORKDIR /var/current", "RUN pwd > /f && echo x > here"),
  },
  {
    name: "run-user",
    dockerfile: on(
      "RUN chmod 777 /srv",
      "USER app",
      "RUN id > /srv/id && echo $HOME >> /srv/id && touch /home/app/mine",
    ),
  },
  {
    name: "run-user-groups",
    dockerfile: on(
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
    dockerfile: on("RUN chmod 777 /srv", "USER 5555:6666", "RUN id > /srv/id; echo $HOME >> /srv/id"),
  },
  { name: "run-user-like-a-number", dockerfile: on("RUN chmod 777 /srv", "USER 4242", "RUN id > /srv/id") },
  {
    name: "run-user-unknown",
    dockerfile: on("USER nobody-knows", "RUN true"),
    fails: ["unable to find user nobody-knows"],
  },
  {
    name: "run-group-unknown",
    dockerfile: on("USER app:nobody-knows", "RUN true"),
    fails: ["unable to find group nobody-knows"],
  },
  {
    name: "run-user-may-not",
    dockerfile: on("USER app", "RUN echo x > /etc/passwd"),
    fails: ["exit code: 1"],
  },
  {
    name: "run-user-owns-what-it-makes",
    dockerfile: on("USER app", "RUN mkdir /tmp/d && echo x > /tmp/d/f && ln -s f /tmp/d/l"),
  },
  { name: "run-home", dockerfile: on("RUN echo $HOME > /f", "ENV HOME=/elsewhere", "RUN echo $HOME >> /f") },
  { name: "run-pid-1", dockerfile: on("RUN echo $$ > /f && cat /proc/1/comm >> /f") },
  {
    name: "run-capabilities",
    dockerfile: on("RUN grep Cap /proc/self/status > /caps && grep NoNewPrivs /proc/self/status >> /caps"),
  },
  {
    name: "run-capabilities-of-user",
    dockerfile: on("USER app", "RUN grep Cap /proc/self/status > /tmp/caps"),
  },
  {
    name: "run-devices",
    because: "runtimes do not agree about /dev/core",
    dockerfile: on(
      "RUN ls /dev | grep -vx core | sort > /devs; echo x > /dev/null && head -c 4 /dev/zero | wc -c >> /devs",
    ),
  },
  {
    name: "run-dev-shm",
    dockerfile: on("RUN echo x > /dev/shm/x && echo y > /dev/file && ls /dev/shm > /f"),
  },
  {
    name: "run-masked-paths",
    dockerfile: on(
      "RUN for p in kcore keys timer_list sched_debug; do wc -c < /proc/$p; done > /f 2>/dev/null; ls /proc/acpi /proc/scsi /sys/firmware 2>/dev/null | wc -l >> /f; true",
    ),
  },
  {
    name: "run-read-only-paths",
    dockerfile: on(
      "RUN (echo 1 > /proc/sys/kernel/hostname) 2>/dev/null && echo written > /f || echo refused > /f",
    ),
  },
  {
    name: "run-mounting-is-refused",
    dockerfile: on("RUN mount -t tmpfs none /srv 2>/dev/null && echo mounted > /f || echo refused > /f"),
  },
  { name: "run-hostname", dockerfile: on("RUN hostname > /f && cat /etc/hosts >> /f") },
  {
    name: "run-user-without-group-file",
    dockerfile: on("RUN rm /etc/group", "USER app", "RUN test $(id -G) = 1001"),
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
  { name: "run-network-none", dockerfile: on("RUN --network=none ls /sys/class/net > /f") },
  {
    name: "run-network-host",
    dockerfile: on("RUN --network=host true"),
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
  { name: "run-stdin-is-empty", dockerfile: on("RUN cat > /f; echo $? >> /f") },
  { name: "run-leaves-a-process", dockerfile: on("RUN (sleep 100; echo late > /late) & echo now > /now") },
  { name: "run-signal-mask", dockerfile: on("RUN grep -E '^Sig(Blk|Ign)' /proc/self/status > /f") },
];

/** How the command is written. */
const runCommandCases: Case[] = [
  { name: "run-exec-form", dockerfile: on('RUN ["sh", "-c", "echo $0 \\"$1\\" > /f", "zero", "two words"]') },
  { name: "run-exec-form-no-shell", dockerfile: on('RUN ["touch", "/$HOME", "/a b"]') },
  {
    name: "run-shell",
    dockerfile: on('SHELL ["/bin/sh", "-ec"]', "RUN false || echo go > /f; echo $- >> /f"),
  },
  { name: "run-continued", dockerfile: on("RUN echo a > /f && \\", "    # a comment", "    echo b >> /f") },
  {
    name: "run-variables-of-the-shell",
    dockerfile: on("ENV A=env", "RUN A=shell; echo $A \"$A\" '$A' ${A} \\$A > /f"),
  },
  { name: "run-heredoc", dockerfile: on("RUN <<EOF", "echo one > /f", "x=two", 'echo "$x" >> /f', "EOF") },
  { name: "run-heredoc-quoted", dockerfile: on("RUN <<'EOF'", "x='a b'", 'echo "$x" > /f', "EOF") },
  {
    name: "run-heredoc-tabs",
    dockerfile: on("RUN <<-EOF", "\techo one > /f", "\t\techo two >> /f", "\tEOF"),
  },
  { name: "run-heredoc-script", dockerfile: on("RUN <<EOF", "#!/bin/cat", "text of the script", "EOF") },
  {
    name: "run-heredoc-script-sh",
    dockerfile: on("RUN <<EOF", "#!/bin/sh -e", 'echo "$0" > /f', "ls -l $0 | cut -c1-10 >> /f", "EOF"),
  },
  {
    name: "run-heredoc-for-program",
    dockerfile: on("RUN cat <<A > /a && cat <<B >> /a", "first", "A", "second", "B"),
  },
  { name: "run-heredoc-sh", dockerfile: on("RUN sh <<EOF", "echo $$ > /dev/null; echo in > /f", "EOF") },
  { name: "run-onbuild", dockerfile: on("ONBUILD RUN echo never > /f") },
  {
    name: "run-exit-code",
    dockerfile: on("RUN exit 3"),
    fails: ['process "/bin/sh -c exit 3" did not complete successfully: exit code: 3'],
  },
  {
    name: "run-exit-code-of-last",
    dockerfile: on("RUN true", "RUN false; sh -c 'exit 42'", "RUN true"),
    fails: ["exit code: 42"],
  },
  {
    name: "run-killed",
    dockerfile: on("RUN (sh -c 'kill -9 $$'); exit $?"),
    fails: ["exit code: 137"],
  },
  { name: "run-command-unknown", dockerfile: on("RUN no-such-command"), fails: ["exit code: 127"] },
  {
    name: "run-program-unknown",
    dockerfile: on('RUN ["/no/such/program"]'),
    fails: ["did not complete successfully"],
  },
  {
    name: "run-not-executable",
    dockerfile: on('RUN ["/etc/passwd"]'),
    fails: ["did not complete successfully"],
  },
  {
    name: "run-no-shell",
    dockerfile: doc("FROM varve-tiny", "RUN echo hi"),
    fails: ["did not complete successfully"],
  },
];

/** Mounts, which leave no trace. */
const runMountCases: Case[] = [
  {
    name: "run-mount-context",
    dockerfile: on("RUN --mount=target=/src ls -R /src > /list && cat /src/d/g > /g"),
    context,
  },
  {
    name: "run-mount-context-part",
    dockerfile: on("RUN --mount=source=d,target=/src ls -lR /src | awk '{print $1, $9}' > /list"),
    context,
  },
  {
    name: "run-mount-context-file",
    dockerfile: on("RUN --mount=source=f,target=/etc/mounted cat /etc/mounted > /f"),
    context,
  },
  {
    name: "run-mount-read-only",
    dockerfile: on("RUN --mount=target=/src echo x > /src/x"),
    context,
    fails: ["exit code: 1"],
  },
  {
    name: "run-mount-writes-are-dropped",
    dockerfile: on(
      "RUN --mount=target=/src,rw echo x > /src/x && cat /src/x > /f",
      "RUN --mount=target=/src ls /src >> /f",
    ),
    context,
  },
  {
    name: "run-mount-missing",
    dockerfile: on("RUN --mount=source=nope,target=/x true"),
    context,
    fails: ["/nope", "not found"],
  },
  {
    name: "run-mount-through-link",
    dockerfile: on("RUN --mount=source=d/to-g,target=/x cat /x > /f"),
    context,
  },
  {
    name: "run-mount-stage",
    dockerfile: doc(
      "FROM varve/busybox:1 AS s",
      "RUN echo made > /made",
      "FROM varve/busybox:1",
      "RUN --mount=from=s,target=/s cp /s/made /copied",
      "RUN --mount=from=s,source=/srv/shared,target=/s ls -l /s | awk '{print $1, $3, $4, $9}' > /list",
    ),
  },
  {
    name: "run-mount-image",
    dockerfile: on("RUN --mount=from=varve/layered:1,target=/l ls /l /l/data > /list"),
  },
  {
    name: "run-mount-over-files",
    dockerfile: on("RUN --mount=source=d,target=/srv/shared ls /srv/shared > /list"),
    context,
  },
  {
    name: "run-mount-target-made",
    dockerfile: on("RUN --mount=source=d,target=/new/deep/target ls /new/deep > /list"),
    context,
  },
  {
    name: "run-mount-target-made-and-used",
    dockerfile: on("RUN --mount=source=d,target=/new/deep/target echo x > /new/kept"),
    context,
  },
  {
    name: "run-mount-relative-target",
    dockerfile: on("WORKDIR /w", "RUN --mount=source=d,target=m ls m > list"),
    context,
  },
  {
    name: "run-mount-target-is-link",
    dockerfile: on("RUN --mount=source=d,target=/var/current ls /srv/shared > /list"),
    context,
  },
  {
    name: "run-mount-tmpfs",
    dockerfile: on(
      "RUN --mount=type=tmpfs,target=/t echo x > /t/x && ls /t > /f && grep ' /t ' /proc/mounts | cut -d' ' -f1-3 >> /f",
    ),
  },
  {
    name: "run-mount-tmpfs-size",
    dockerfile: on(
      "RUN --mount=type=tmpfs,target=/t,size=1m head -c 2000000 /dev/zero > /t/x 2>/dev/null || wc -c < /t/x > /f",
    ),
  },
  {
    name: "run-mount-tmpfs-over-files",
    dockerfile: on("RUN --mount=type=tmpfs,target=/srv ls /srv | wc -l > /f && echo x > /srv/x"),
  },
  {
    name: "run-mount-cache",
    dockerfile: on(
      "RUN --mount=type=cache,target=/c,id=varve-case-1 rm -f /c/* && echo kept > /c/x",
      "RUN --mount=type=cache,target=/d,id=varve-case-1 cat /d/x > /f && ls -ld /d | cut -c1-10 >> /f",
    ),
  },
  {
    name: "run-mount-cache-owner",
    dockerfile: on(
      "RUN --mount=type=cache,target=/c,id=varve-case-2,uid=1000,gid=50,mode=0750 stat -c '%a %u %g' /c > /f",
    ),
  },
  {
    name: "run-mount-cache-from",
    dockerfile: doc(
      "FROM varve/busybox:1 AS s",
      "RUN mkdir /seed && echo seed > /seed/s",
      "FROM varve/busybox:1",
      "RUN --mount=type=cache,target=/c,id=varve-case-3,from=s,source=/seed ls /c > /f",
    ),
  },
  {
    name: "run-mount-cache-read-only",
    dockerfile: on(
      "RUN --mount=type=cache,target=/c,id=varve-case-4,ro sh -c 'echo x > /c/x' 2>/dev/null; echo $? > /f",
    ),
  },
  {
    name: "run-mount-secret-missing",
    dockerfile: on("RUN --mount=type=secret,id=s ls /run/secrets 2>&1 | wc -l > /f"),
  },
  {
    name: "run-mount-secret-required",
    dockerfile: on("RUN --mount=type=secret,id=s,required true"),
    fails: ["secret s: not found"],
  },
  { name: "run-mount-ssh-missing", dockerfile: on("RUN --mount=type=ssh echo $SSH_AUTH_SOCK > /f") },
  {
    name: "run-mount-two-in-one",
    dockerfile: on(
      "RUN --mount=type=tmpfs,target=/a --mount=source=d,target=/a/b --mount=source=f,target=/a/f ls -R /a > /list",
    ),
    context,
  },
];

/** Dockerfiles as people write them. */
const runProjectCases: Case[] = [
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
    dockerfile: on(
      "RUN mkdir -p /var/cache/pkg && head -c 1000000 /dev/zero > /var/cache/pkg/a && echo tool > /usr/bin/tool && chmod +x /usr/bin/tool && rm -rf /var/cache/pkg /tmp/*",
      "RUN rm -rf /var/cache && mkdir /var/cache",
    ),
  },
  {
    name: "run-project-chown-tree",
    dockerfile: on(
      "COPY d /app",
      "RUN chown -R app:app /app && chmod -R go-rwx /app && find /app -type d -exec chmod 750 {} +",
    ),
    context,
  },
];

export const runCases: Case[] = [
  ...runLayerCases,
  ...runProcessCases,
  ...runCommandCases,
  ...runMountCases,
  ...runProjectCases,
];
