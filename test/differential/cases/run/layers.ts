// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shells expand these, not JavaScript.
import type { Case } from "../../case.ts";
import { doc } from "../dockerfile.ts";
import { context, onBusybox } from "./busybox.ts";

/** The changes of a process are the layer. */
export const runLayerCases: Case[] = [
  { name: "run-write", dockerfile: onBusybox("RUN echo hi > /f") },
  {
    name: "run-nothing",
    dockerfile: onBusybox("RUN true", "RUN :"),
    because: "each step has an empty layer",
  },
  {
    name: "run-equal-layers",
    dockerfile: onBusybox(...["a", "b", "a", "b"].map((text) => `RUN --network=none echo ${text} > /f`)),
    because: "a stack may contain a layer more than once",
  },
  {
    name: "run-nothing-many-times",
    dockerfile: onBusybox(..."12345".split("").map((number) => `RUN --network=none true ${number}`)),
  },
  { name: "run-append", dockerfile: onBusybox("RUN echo more >> /etc/passwd") },
  {
    name: "run-overwrite-with-the-same",
    dockerfile: onBusybox("RUN cat /etc/passwd > /p && cat /p > /etc/passwd"),
  },
  { name: "run-delete-file", dockerfile: onBusybox("RUN rm /etc/shadow /var/current") },
  { name: "run-delete-directory", dockerfile: onBusybox("RUN rm -r /home /srv/shared") },
  { name: "run-delete-all-in-directory", dockerfile: onBusybox("RUN rm -r /srv/shared/*") },
  {
    name: "run-delete-what-was-made-now",
    dockerfile: onBusybox("RUN mkdir /new && echo x > /new/x && rm -r /new"),
  },
  {
    name: "run-directory-anew",
    dockerfile: onBusybox("RUN rm -r /srv/shared && mkdir /srv/shared && echo new > /srv/shared/new"),
  },
  {
    name: "run-directory-anew-with-the-same",
    dockerfile: onBusybox("RUN cp -a /srv/shared /s && rm -r /srv/shared && mv /s /srv/shared"),
  },
  { name: "run-directory-anew-empty", dockerfile: onBusybox("RUN rm -r /home && mkdir /home") },
  { name: "run-directory-becomes-file", dockerfile: onBusybox("RUN rm -r /home && echo file > /home") },
  { name: "run-directory-becomes-link", dockerfile: onBusybox("RUN rm -r /home && ln -s srv /home") },
  {
    name: "run-file-becomes-directory",
    dockerfile: onBusybox("RUN rm /etc/passwd && mkdir /etc/passwd && echo x > /etc/passwd/x"),
  },
  {
    name: "run-link-becomes-directory",
    dockerfile: onBusybox("RUN rm /var/current && mkdir /var/current && echo x > /var/current/x"),
  },
  { name: "run-rename-file", dockerfile: onBusybox("RUN mv /etc/shadow /etc/moved") },
  {
    name: "run-rename-directory",
    dockerfile: onBusybox("RUN mv /srv/shared /srv/moved && mv /home/app /home/other"),
  },
  { name: "run-swap-directories", dockerfile: onBusybox("RUN mv /srv /x && mv /home /srv && mv /x /home") },
  {
    name: "run-chmod",
    dockerfile: onBusybox(
      "RUN chmod 600 /etc/passwd && chmod 1750 /home && chmod 4711 /usr/local/bin/lowport",
    ),
  },
  { name: "run-chown", dockerfile: onBusybox("RUN chown app:staff /etc/passwd && chown -R 7:8 /srv") },
  { name: "run-chown-link", dockerfile: onBusybox("RUN chown -h app /var/current") },
  {
    name: "run-special-bits",
    dockerfile: onBusybox(
      "RUN for m in 4755 2755 1777 7000; do mkdir /d$m && chmod $m /d$m && touch /f$m && chmod $m /f$m; done",
    ),
  },
  {
    name: "run-umask",
    dockerfile: onBusybox("RUN umask 077 && mkdir /d && echo x > /d/f", "RUN umask > /umask"),
  },
  {
    name: "run-touch",
    dockerfile: onBusybox("RUN touch /etc /etc/passwd"),
    because: "a changed time of a directory alone is not a change",
  },
  {
    name: "run-hard-links",
    dockerfile: onBusybox("RUN mkdir /l && echo x > /l/a && ln /l/a /l/b && ln /l/a /c"),
  },
  { name: "run-hard-link-to-base", dockerfile: onBusybox("RUN ln /etc/passwd /twin") },
  {
    name: "run-hard-link-to-earlier-layer",
    dockerfile: onBusybox("RUN echo x > /a && mkdir /d && echo y > /d/e", "RUN ln /a /b && ln /d/e /d/c"),
  },
  {
    name: "run-hard-link-broken",
    dockerfile: doc("FROM varve/busybox:1", "RUN echo x > /a && ln /a /b", "RUN echo y >> /a", "RUN rm /b"),
  },
  {
    name: "run-symlinks",
    dockerfile: onBusybox("RUN ln -s /etc /abs && ln -s ../nowhere /var/rel && ln -sf new /var/loop"),
  },
  {
    name: "run-fifo-and-devices",
    dockerfile: onBusybox("RUN mkfifo -m 640 /p && mknod /c c 1 3 && mknod -m 600 /b b 7 200"),
  },
  { name: "run-sparse-file", dockerfile: onBusybox("RUN truncate -s 3M /sparse && printf end >> /sparse") },
  { name: "run-empty-file", dockerfile: onBusybox("RUN : > /empty && : > /etc/hostname") },
  { name: "run-large-file", dockerfile: onBusybox("RUN yes varve | head -c 20000000 > /large") },
  {
    name: "run-many-files",
    dockerfile: onBusybox(
      "RUN mkdir /m && cd /m && for i in $(seq 600); do mkdir -p $((i % 7)) && echo $i > $((i % 7))/$i; done",
    ),
  },
  {
    name: "run-deep-path",
    dockerfile: onBusybox(
      "RUN p=/; for i in $(seq 60); do p=$p/directory$i; done; mkdir -p $p && echo deep > $p/f",
    ),
  },
  {
    name: "run-long-name",
    dockerfile: onBusybox(
      "RUN touch /$(printf 'n%.0s' $(seq 255)) && ln -s $(printf 'l%.0s' $(seq 300)) /to",
    ),
  },
  {
    name: "run-strange-names",
    dockerfile: onBusybox(
      "RUN mkdir '/a b' && touch '/a b/quote\"' '/größe' '/*' '/.wh' '/\\\\' && printf x > \"$(printf '/new\\nline')\"",
    ),
  },
  {
    name: "run-layers-over-layers",
    dockerfile: onBusybox(
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
    dockerfile: onBusybox("COPY d /d", "RUN chmod 644 /d/sub/h && rm /d/to-g", "COPY f /d/sub/"),
    context,
  },
  {
    name: "run-capability-kept",
    dockerfile: onBusybox(
      "RUN chmod 700 /usr/local/bin/lowport",
      "RUN cp -a /usr/local/bin/lowport /lowport",
    ),
  },
  {
    name: "run-capability-lost",
    dockerfile: onBusybox("RUN echo x >> /usr/local/bin/lowport"),
    because: "Linux removes the capability from a file that is written",
  },
];
