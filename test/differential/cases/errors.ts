// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles expand these, not JavaScript.
import { writeTar } from "../archive/write.ts";
import { file } from "../bases/image.ts";
import type { Case } from "../case.ts";
import { doc } from "./dockerfile.ts";

const f = { f: "f\n", "d/g": "g\n", "d/f/x": "x\n" };

/** Builds that must be rejected. `fails` is the part of the message that names the fault. */
export const errorCases: Case[] = [
  {
    name: "error-copy-missing",
    dockerfile: doc("FROM scratch", "LABEL a=b", "COPY f missing /x/"),
    context: f,
    fails: ["/missing", "not found"],
  },
  {
    name: "error-copy-missing-nested",
    dockerfile: doc("FROM scratch", "COPY d/none/x /x/"),
    context: f,
    fails: ["/d/none/x", "not found"],
  },
  {
    name: "error-copy-ignored",
    dockerfile: doc("FROM scratch", "COPY f /x/"),
    context: { ...f, ".dockerignore": "f\n" },
    fails: ["/f", "not found"],
  },
  {
    name: "error-copy-dangling-link",
    dockerfile: doc("FROM scratch", "COPY l /x/"),
    context: { l: { symlink: "nowhere" } },
    fails: ["not found"],
  },
  {
    name: "error-copy-link-loop",
    dockerfile: doc("FROM scratch", "COPY l /x/"),
    context: { l: { symlink: "m" }, m: { symlink: "l" } },
    fails: ["too many"],
  },
  {
    name: "error-copy-dir-over-file",
    dockerfile: doc("FROM scratch", "COPY f /x", "COPY d /x"),
    context: f,
    fails: ["/x"],
  },
  {
    name: "error-copy-file-over-dir",
    dockerfile: doc("FROM scratch", "COPY d /x", "COPY f /x/"),
    context: f,
    fails: ["f"],
  },
  {
    name: "error-copy-below-file",
    dockerfile: doc("FROM scratch", "COPY f /x", "COPY f /x/y"),
    context: f,
    fails: ["not a directory"],
  },
  {
    name: "error-copy-one-argument",
    dockerfile: doc("FROM scratch", "COPY f"),
    context: f,
    fails: ["COPY requires at least two arguments"],
  },
  { name: "error-copy-quoted-space", dockerfile: doc("FROM scratch", 'COPY "a b" /x'), fails: ["quote"] },
  {
    name: "error-copy-bad-flag",
    dockerfile: doc("FROM scratch", "COPY --chownn=1 f /x"),
    context: f,
    fails: ["unknown flag", "chownn"],
  },
  {
    name: "error-copy-flag-twice",
    dockerfile: doc("FROM scratch", "COPY --chown=1 --chown=2 f /x"),
    context: f,
    fails: ["duplicate flag specified", "chown"],
  },
  {
    name: "error-copy-from-missing-index",
    dockerfile: doc("FROM scratch", "COPY --from=3 /f /"),
    fails: ["3"],
  },
  {
    name: "error-copy-from-itself",
    dockerfile: doc("FROM scratch AS a", "COPY --from=a /f /"),
    fails: ["circular dependency", "a"],
  },
  {
    name: "error-copy-from-later-stage",
    dockerfile: doc("FROM scratch AS a", "COPY --from=b /f /", "FROM scratch AS b", "COPY f /", "FROM a"),
    context: f,
    fails: ["b"],
  },
  {
    name: "error-copy-from-variable",
    newer: [
      {
        because: "the newer message states it",
        fails: ["variable expansion is not supported for --from"],
      },
    ],
    dockerfile: doc("FROM scratch AS a", "FROM scratch", "ARG X=a", "COPY --from=$X /f /"),
    fails: ["--from"],
  },
  {
    name: "error-copy-from-stage-missing-file",
    dockerfile: doc("FROM scratch AS a", "COPY f /", "FROM scratch", "COPY --from=a /other /"),
    context: f,
    fails: ["/other", "not found"],
  },
  {
    name: "error-chown-name-on-scratch",
    dockerfile: doc("FROM scratch", "COPY --chown=app f /"),
    context: f,
    fails: ["invalid user index: -1"],
  },
  {
    name: "error-target-unknown",
    target: "bulid",
    dockerfile: doc("FROM scratch AS build", "COPY f /"),
    context: f,
    fails: ["bulid", "could not be found"],
  },
  {
    name: "error-unknown-instruction",
    dockerfile: doc("FROM scratch", "", "# here", "COPPY f /"),
    context: f,
    fails: ["unknown instruction: COPPY", "did you mean COPY?"],
  },
  {
    name: "error-no-from",
    dockerfile: doc("COPY f /"),
    context: f,
    fails: ["no build stage in current context"],
  },
  { name: "error-empty", dockerfile: "", fails: ["empty"] },
  { name: "error-only-comments", dockerfile: doc("# nothing", "", "# here"), fails: ["no instructions"] },
  {
    name: "error-from-two-words",
    dockerfile: doc("FROM scratch base"),
    fails: ["FROM requires either one or three arguments"],
  },
  {
    name: "error-from-bad-stage-name",
    dockerfile: doc("FROM scratch AS 1st"),
    fails: ["invalid name for build stage", "1st"],
  },
  { name: "error-from-bad-reference", dockerfile: doc("FROM Not/A:Valid:Name"), fails: ["Not/A:Valid:Name"] },
  { name: "error-from-blank", dockerfile: doc("FROM $NOTHING", "COPY f /"), context: f, fails: ["blank"] },
  {
    name: "error-env-one-word",
    dockerfile: doc("FROM scratch", "ENV A"),
    fails: ["ENV must have two arguments"],
  },
  {
    name: "error-env-no-equals",
    dockerfile: doc("FROM scratch", "ENV A=1 B"),
    fails: ['can\'t find = in "B"'],
  },
  { name: "error-label-unclosed-quote", dockerfile: doc("FROM scratch", 'LABEL a="b'), fails: ["quote"] },
  {
    name: "error-workdir-without-argument",
    dockerfile: doc("FROM scratch", "WORKDIR"),
    fails: ["WORKDIR requires exactly one argument"],
  },
  {
    name: "error-workdir-over-file",
    dockerfile: doc("FROM scratch", "COPY f /w", "WORKDIR /w/x"),
    context: f,
    fails: ["not a directory"],
  },
  { name: "error-expose-bad-port", dockerfile: doc("FROM scratch", "EXPOSE http"), fails: ["http"] },
  { name: "error-expose-bad-protocol", dockerfile: doc("FROM scratch", "EXPOSE 80/icmp"), fails: ["icmp"] },
  {
    name: "error-stopsignal",
    dockerfile: doc("FROM scratch", "STOPSIGNAL SIGNOTHING"),
    fails: ["SIGNOTHING"],
  },
  {
    name: "error-shell-form",
    dockerfile: doc("FROM scratch", "SHELL /bin/sh -c"),
    fails: ["SHELL requires the arguments to be in JSON form"],
  },
  {
    name: "error-healthcheck-unknown-type",
    dockerfile: doc("FROM scratch", "HEALTHCHECK RUN x"),
    fails: ["Unknown type", "RUN"],
  },
  {
    name: "error-healthcheck-short-interval",
    dockerfile: doc("FROM scratch", "HEALTHCHECK --interval=10us CMD x"),
    fails: ["interval"],
  },
  {
    name: "error-volume-empty",
    dockerfile: doc("FROM scratch", 'VOLUME [""]'),
    fails: ["VOLUME specified can not be an empty string"],
  },
  {
    name: "error-json-not-strings",
    dockerfile: doc("FROM scratch", 'CMD ["a", 1]'),
    fails: ["arrays must be comprised of strings only"],
  },
  {
    name: "error-dockerignore-pattern",
    dockerfile: doc("FROM scratch", "COPY . /"),
    context: { ...f, ".dockerignore": "[\n" },
    fails: ["syntax error in pattern"],
  },
  {
    name: "error-directive-twice",
    newer: [{ because: "BuildKit, including newer versions, names the line before the faulty one", line: 2 }],
    dockerfile: doc("# escape=\\", "# escape=`", "FROM scratch"),
    fails: ["only one escape parser directive can be used"],
  },
  {
    name: "error-directive-bad-escape",
    dockerfile: doc("# escape=x", "FROM scratch"),
    fails: ["escape token"],
  },
  {
    name: "error-add-archive-truncated",
    dockerfile: doc("FROM scratch", "ADD a.tar /x/"),
    context: { "a.tar": { content: truncatedTar() } },
    fails: ["unexpected EOF"],
  },
  {
    name: "error-base-missing",
    dockerfile: doc("FROM {{registry}}/varve/absent:1", "COPY f /"),
    context: f,
    fails: ["varve/absent:1", "not found"],
  },
];

/** A file of 1,024 bytes, of which only the header and 100 bytes are there. */
function truncatedTar(): Uint8Array {
  const whole = writeTar([file("f", "x".repeat(1024))]);
  return whole.subarray(0, 612);
}
