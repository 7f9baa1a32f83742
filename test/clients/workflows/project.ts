import { join, normalize } from "node:path";
import { readList } from "../../../src/action/list-input.ts";
import type { Files } from "../../helpers/temporary-folder.ts";

/**
 * A small project that uses everything that the inputs name.
 * @param name a letter and a number, in its files, so that no project is built from the build cache of another one
 */
export function projectFor(inputs: Record<string, string>, name: string, busybox: Uint8Array): Files {
  const list = (name: string, ignoreComma = true) => readList(inputs[name] ?? "", { ignoreComma });
  const [, folder] = /^\{\{\s*defaultContext\s*\}\}:?(.*)$/.exec(inputs.context ?? "") ?? [];
  const context = normalize(folder ?? inputs.context ?? ".") || ".";
  const inFolder = folder !== undefined && inputs.file ? join(context, inputs.file) : inputs.file;
  const file = inFolder || join(context, "Dockerfile");
  const ids = [...list("secrets"), ...list("secret-files"), ...list("secret-envs", false)].map((item) =>
    item.slice(0, item.indexOf("=")).trim(),
  );
  // This machine executes steps for its own platform only.
  const isOther = list("platforms", false).length > 1;
  const steps = isOther ? [] : stepsFor(inputs, ids);
  const argumentNames = list("build-args").map((item) => item.split("=", 1)[0] ?? "");
  const [base = "scratch"] = list("build-contexts").map((item) => item.split("=", 1)[0] ?? "");
  const [stage = "base"] = list("no-cache-filters", false);
  const dockerfile = [
    ...(steps.length > 0
      ? [
          "FROM scratch AS steps",
          "COPY busybox /bin/busybox",
          "COPY file /results/",
          "WORKDIR /results",
          ...steps,
        ]
      : []),
    `FROM ${base} AS ${stage}`,
    "COPY file /folder/file",
    ...(steps.length > 0 ? ["COPY --from=steps /results /results"] : []),
    `FROM ${stage} AS ${inputs.target || "final"}`,
    "ARG TARGETPLATFORM",
    'LABEL platform="$TARGETPLATFORM"',
    ...argumentNames.flatMap((name) => [`ARG ${name}`, `LABEL argument.${name}="$${name}"`]),
    'CMD ["/folder/file"]',
  ];
  // The checked Dockerfile has a finding.
  if (inputs.call === "check") dockerfile.push("MAINTAINER me");
  return {
    [file]: `${dockerfile.join("\n")}\n`,
    // With a unique size, because BuildKit assumes that files of equal time and size are equal.
    [join(context, "file")]: `a file of ${name} ${"-".repeat(Number(name.slice(1)))}\n`,
    ...(steps.length > 0 && { [join(context, "busybox")]: { text: busybox, mode: 0o755 } }),
    "test/secret.txt": "of a file",
    "tmp/": "",
    "temp/": "",
  };
}

function stepsFor(inputs: Record<string, string>, ids: readonly string[]): string[] {
  return [
    ...ids.map((id) => {
      const secret = `/run/secrets/${id}`;
      return run(
        `if test -e ${secret}; then /bin/busybox cp ${secret} secret-${id}; fi`,
        `--mount=type=secret,id=${id}`,
      );
    }),
    ...(inputs["shm-size"]
      ? [run("/bin/busybox df -k /dev/shm | /bin/busybox awk 'NR > 1 { print $2 }' > shm")]
      : []),
    ...(inputs.ulimit ? [run("ulimit -n > limit")] : []),
    ...(inputs["add-hosts"] ? [run("/bin/busybox grep -E 'docker|foo' /etc/hosts > hosts")] : []),
    ...(inputs.network ? ['RUN ["/bin/busybox", "touch", "run"]'] : []),
  ];
}

function run(command: string, mount = ""): string {
  const flags = ["--network=none", mount].filter(Boolean).join(" ");
  return `RUN ${flags} ${JSON.stringify(["/bin/busybox", "sh", "-c", command])}`;
}
