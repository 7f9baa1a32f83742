// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles expand these, not JavaScript.
import { createHash } from "node:crypto";
import { PATH } from "../bases/image.ts";
import type { Case } from "../case.ts";
import { argHistory, exposeHistory, healthcheckHistory } from "../newer.ts";
import { doc } from "./dockerfile.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const f = { f: "f\n" };

/** Instructions that end in the image config. */
export const configCases: Case[] = [
  { name: "cmd-exec", dockerfile: doc("FROM scratch", 'CMD ["a", "b c", "d\\"e", "\\u00fc"]') },
  { name: "cmd-shell", dockerfile: doc("FROM scratch", 'CMD echo "a b"  $HOME && exit 0') },
  { name: "cmd-twice", dockerfile: doc("FROM scratch", "CMD one", 'CMD ["two"]') },
  { name: "cmd-empty-list", dockerfile: doc("FROM varve/configured:1", "CMD []") },
  { name: "cmd-bad-json-is-shell", dockerfile: doc("FROM scratch", "CMD ['single', 'quotes']") },
  { name: "entrypoint-exec", dockerfile: doc("FROM scratch", 'ENTRYPOINT ["/entry", "--flag"]') },
  { name: "entrypoint-shell", dockerfile: doc("FROM scratch", "ENTRYPOINT exec top -b") },
  {
    name: "entrypoint-clears-cmd-of-base",
    dockerfile: doc("FROM varve/configured:1", 'ENTRYPOINT ["/mine"]'),
  },
  {
    name: "entrypoint-clears-cmd-of-stage",
    dockerfile: doc("FROM scratch AS a", 'CMD ["a"]', "FROM a", 'ENTRYPOINT ["b"]'),
  },
  {
    name: "entrypoint-after-own-cmd",
    dockerfile: doc("FROM varve/configured:1", 'CMD ["mine"]', 'ENTRYPOINT ["/mine"]'),
  },
  { name: "entrypoint-emptied", dockerfile: doc("FROM varve/configured:1", "ENTRYPOINT []") },
  { name: "cmd-keeps-entrypoint-of-base", dockerfile: doc("FROM varve/configured:1", 'CMD ["other"]') },
  {
    name: "shell-changes-later-instructions",
    newer: [healthcheckHistory],
    dockerfile: doc(
      "FROM scratch",
      "CMD one",
      'SHELL ["/bin/bash", "-o", "pipefail", "-c"]',
      "ENTRYPOINT two",
      "HEALTHCHECK CMD three",
      "CMD four",
    ),
  },
  { name: "shell-of-base", dockerfile: doc("FROM varve/configured:1", "CMD run it") },
  {
    name: "shell-inherited-by-stage",
    dockerfile: doc("FROM scratch AS a", 'SHELL ["/bin/zsh", "-c"]', "FROM a", "ENTRYPOINT it"),
  },
  {
    name: "user-forms",
    dockerfile: doc("FROM varve/busybox:1", "USER app", "USER 1000:1001", "USER app:staff"),
  },
  { name: "user-emptied", dockerfile: doc("FROM varve/configured:1", "ARG NOBODY", "USER $NOBODY") },
  {
    name: "workdir-relative",
    dockerfile: doc("FROM scratch", "WORKDIR a", "WORKDIR b/../c/", "WORKDIR ./d"),
  },
  {
    name: "workdir-absolute-and-dots",
    dockerfile: doc("FROM scratch", "WORKDIR /a//b/./c/../", "WORKDIR ../../../../x"),
  },
  {
    name: "workdir-absolute-is-written-as-it-stands",
    dockerfile: doc("FROM scratch", "WORKDIR /a//b/./c/../d/"),
  },
  { name: "workdir-root", dockerfile: doc("FROM scratch", "WORKDIR /") },
  { name: "workdir-exists", dockerfile: doc("FROM varve/busybox:1", "WORKDIR /home/app") },
  {
    name: "workdir-of-user",
    dockerfile: doc(
      "FROM varve/busybox:1",
      "USER app",
      "WORKDIR /srv/one/two",
      "USER 1234:5678",
      "WORKDIR /srv/three",
      "USER stranger",
      "WORKDIR /srv/four",
      "USER app:staff",
      "WORKDIR /srv/five",
      "USER 99",
      "WORKDIR /srv/six",
    ),
  },
  {
    name: "workdir-of-base-is-not-made",
    dockerfile: doc("FROM varve/configured:1", "USER 0", "COPY f ./"),
    context: f,
  },
  { name: "workdir-of-base-relative", dockerfile: doc("FROM varve/configured:1", "WORKDIR sub") },
  {
    name: "workdir-with-space",
    dockerfile: doc("FROM scratch", "WORKDIR /with space/x", "COPY f ."),
    context: f,
  },
  {
    name: "workdir-over-symlink",
    dockerfile: doc(
      "FROM varve/busybox:1",
      "WORKDIR /var/current",
      "WORKDIR /var/dangling/x",
      "WORKDIR /bin",
    ),
  },
  {
    name: "expose-forms",
    newer: [exposeHistory],
    dockerfile: doc("FROM scratch", "EXPOSE 80 443/tcp 53/UDP 8000-8003", "EXPOSE 80 22/sctp"),
  },
  {
    name: "expose-with-base",
    newer: [exposeHistory],
    dockerfile: doc("FROM varve/configured:1", "EXPOSE 9090 53"),
  },
  {
    name: "volume-forms",
    dockerfile: doc("FROM scratch", "VOLUME /a /b", 'VOLUME ["/c", "/with space"]', "VOLUME relative"),
  },
  {
    name: "volume-does-not-freeze",
    dockerfile: doc("FROM scratch", "COPY f /v/", "VOLUME /v", "COPY f /v/later"),
    context: f,
  },
  { name: "volume-with-base", dockerfile: doc("FROM varve/configured:1", "VOLUME /more") },
  { name: "stopsignal-name", dockerfile: doc("FROM scratch", "STOPSIGNAL SIGUSR1") },
  { name: "stopsignal-number", dockerfile: doc("FROM scratch", "STOPSIGNAL 9") },
  { name: "stopsignal-realtime", dockerfile: doc("FROM scratch", "STOPSIGNAL SIGRTMIN+3") },
  {
    name: "healthcheck-all-options",
    newer: [healthcheckHistory],
    dockerfile: doc(
      "FROM scratch",
      'HEALTHCHECK --interval=1m30s --timeout=3s --start-period=500ms --start-interval=2s --retries=4 CMD ["/probe", "-q"]',
    ),
  },
  {
    name: "healthcheck-shell",
    newer: [healthcheckHistory],
    dockerfile: doc("FROM scratch", "HEALTHCHECK --interval=5m CMD curl -f http://localhost/ || exit 1"),
  },
  {
    name: "healthcheck-none-over-base",
    newer: [healthcheckHistory],
    dockerfile: doc("FROM varve/configured:1", "HEALTHCHECK NONE"),
  },
  {
    name: "healthcheck-replaces-base",
    newer: [healthcheckHistory],
    dockerfile: doc("FROM varve/configured:1", "HEALTHCHECK CMD x"),
  },
  { name: "healthcheck-inherited", dockerfile: doc("FROM varve/configured:1", "LABEL a=b") },
  { name: "maintainer", dockerfile: doc("FROM scratch", "MAINTAINER Some One <one@example.org>") },
  { name: "maintainer-over-base", dockerfile: doc("FROM varve/configured:1", "MAINTAINER New Author") },
  {
    name: "config-everything",
    newer: [exposeHistory, healthcheckHistory],
    dockerfile: doc(
      "FROM varve/configured:1 AS base",
      "FROM base",
      "ENV A=1",
      "LABEL l=1",
      "EXPOSE 1",
      "VOLUME /v",
      "USER 1:2",
      "WORKDIR /w",
      "STOPSIGNAL 15",
      "HEALTHCHECK CMD h",
      'SHELL ["s"]',
      "ENTRYPOINT e",
      "CMD c",
      "ONBUILD LABEL o=1",
      "COPY f /",
    ),
    context: f,
  },
];

/** ONBUILD: instructions for builds that start from the image. */
export const onbuildCases: Case[] = [
  {
    name: "onbuild-of-image",
    dockerfile: doc("FROM varve/onbuild:1", "COPY extra /extra"),
    context: { "package.json": "{}\n", "index.js": "x\n", extra: "e\n" },
  },
  {
    name: "onbuild-arg-given",
    newer: [argHistory({ "ARG FLAVOUR=plain": "ARG FLAVOUR=special" })],
    args: { FLAVOUR: "special" },
    dockerfile: doc("FROM varve/onbuild:1", "LABEL f=$FLAVOUR"),
    context: { "package.json": "{}\n" },
  },
  {
    name: "onbuild-of-stage",
    dockerfile: doc(
      "FROM scratch AS parent",
      "ONBUILD COPY f /f",
      "ONBUILD ENV A=1",
      "FROM parent",
      "ENV B=$A",
      "FROM parent",
      "ENV C=$A",
    ),
    context: f,
  },
  {
    name: "onbuild-is-used-up",
    dockerfile: doc("FROM varve/onbuild:1 AS child", "ONBUILD LABEL mine=1", "FROM child"),
    context: { "package.json": "{}\n" },
  },
  {
    name: "onbuild-written-to-config",
    dockerfile: doc(
      "FROM scratch",
      "ONBUILD RUN make  all && \\",
      "    make   install",
      "onbuild copy . /app",
      'ONBUILD ADD ["a b", "/c"]',
      "ONBUILD ENV A=$B",
    ),
  },
  {
    name: "onbuild-of-image-and-own",
    dockerfile: doc("FROM varve/onbuild:1", "ONBUILD USER app", "CMD x"),
    context: { "package.json": "{}\n" },
  },
  {
    name: "onbuild-only-trigger",
    dockerfile: doc("FROM varve/onbuild:1"),
    context: { "package.json": "{}\n", "a/b": "b\n" },
  },
  {
    name: "onbuild-forbidden",
    dockerfile: doc("FROM scratch", "ONBUILD FROM x"),
    fails: ["FROM isn't allowed as an ONBUILD trigger"],
  },
  {
    name: "onbuild-missing-file",
    dockerfile: doc("FROM varve/onbuild:1"),
    fails: ["/package.json", "not found"],
  },
  {
    name: "onbuild-copy-from-stage",
    because: "a trigger may name a stage of the child",
    dockerfile: doc("FROM scratch AS deps", "COPY f /deps/", "FROM varve/onbuild-from-stage:1"),
    newer: [
      {
        because: "the stage of a trigger's COPY --from was resolved before the trigger was known",
        image: {
          base: "varve/onbuild-from-stage:1",
          platform: "linux/amd64",
          config: { Env: [PATH], Cmd: ["run"], ArgsEscaped: true },
          history: [
            { created_by: "COPY f / # buildkit", comment: "buildkit.dockerfile.v0" },
            { created_by: "COPY /deps /vendor # buildkit", comment: "buildkit.dockerfile.v0" },
            { created_by: 'CMD ["run"]', comment: "buildkit.dockerfile.v0", empty_layer: true },
          ],
          layers: 2,
          rootfs: [
            { path: "vendor", type: "dir", mode: "0755", uid: 0, gid: 0 },
            {
              path: "vendor/f",
              type: "file",
              mode: "0644",
              uid: 0,
              gid: 0,
              size: 2,
              sha256: sha256("f\n"),
            },
          ],
          removed: [],
        },
      },
    ],
    context: f,
  },
];
