import { join, normalize } from "node:path";
import { readList } from "../../../src/action/list-input.ts";
import type { Files } from "../../cli/folder.ts";

/** A small project that uses everything that the inputs name. */
export function projectFor(inputs: Record<string, string>, busybox: Uint8Array): Files {
  const list = (name: string, ignoreComma = true) => readList(inputs[name] ?? "", { ignoreComma });
  const [, folder] = /^\{\{\s*defaultContext\s*\}\}:?(.*)$/.exec(inputs.context ?? "") ?? [];
  const context = normalize(folder ?? inputs.context ?? ".") || ".";
  const inFolder = folder !== undefined && inputs.file ? join(context, inputs.file) : inputs.file;
  const file = inFolder || join(context, "Dockerfile");
  const ids = [...list("secrets"), ...list("secret-files"), ...list("secret-envs", false)].map((item) =>
    item.slice(0, item.indexOf("=")).trim(),
  );
  const steps = [
    ...ids.map(
      (id) =>
        `RUN --network=none --mount=type=secret,id=${id} ["/bin/busybox", "sh", "-c", "if test -e /run/secrets/${id}; then /bin/busybox cp /run/secrets/${id} /secret-${id}; fi"]`,
    ),
    ...(inputs["shm-size"]
      ? [run("/bin/busybox df -k /dev/shm | /bin/busybox awk 'NR > 1 { print $2 }' > /shm")]
      : []),
    ...(inputs.ulimit ? [run("ulimit -n > /limit")] : []),
    ...(inputs["add-hosts"] ? [run("/bin/busybox grep -E 'docker|foo' /etc/hosts > /hosts")] : []),
    ...(inputs.network ? ['RUN ["/bin/busybox", "true"]'] : []),
  ];
  const argumentNames = list("build-args").map((item) => item.split("=", 1)[0] ?? "");
  const [base = "scratch"] = list("build-contexts").map((item) => item.split("=", 1)[0] ?? "");
  const [stage = "base"] = list("no-cache-filters", false);
  const dockerfile = [
    `FROM ${base} AS ${stage}`,
    ...(steps.length > 0 ? ["COPY busybox /bin/busybox"] : []),
    "COPY file /folder/file",
    ...steps,
    `FROM ${stage} AS ${inputs.target || "final"}`,
    "ARG TARGETPLATFORM",
    'LABEL platform="$TARGETPLATFORM"',
    ...argumentNames.flatMap((name) => [`ARG ${name}`, `LABEL argument.${name}="$${name}"`]),
    'CMD ["/folder/file"]',
  ];
  // What is checked has a finding.
  if (inputs.call === "check") dockerfile.push("MAINTAINER me");
  return {
    [file]: `${dockerfile.join("\n")}\n`,
    [join(context, "file")]: "a file\n",
    ...(steps.length > 0 && { [join(context, "busybox")]: { text: busybox, mode: 0o755 } }),
    "test/secret.txt": "of a file",
  };
}

function run(command: string): string {
  return `RUN --network=none ${JSON.stringify(["/bin/busybox", "sh", "-c", command])}`;
}
