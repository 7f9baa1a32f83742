import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Debian packages by the program that the tests need from them. */
const packages = {
  "docker-registry": "docker-registry",
  bash: "bash",
  buildah: "buildah",
  containerd: "containerd",
  ctr: "containerd",
  docker: "docker-cli",
  dockerd: "docker.io",
  fish: "fish",
  go: "golang-go, golang-github-masterminds-sprig-dev and golang-gopkg-yaml.v3-dev",
  oras: "oras",
  podman: "podman",
  skopeo: "skopeo",
  tmux: "tmux",
  zsh: "zsh",
} as const;

export type Program = keyof typeof packages;

interface RunOptions {
  env?: Record<string, string>;
}

/**
 * Runs a program and returns its stdout without the final line end.
 * @throws {Error} with its stderr, or with the package to install when the program is missing
 */
export async function run(
  program: Program,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  try {
    const env = { ...process.env, ...options.env };
    const { stdout } = await execute(program, args, { env, maxBuffer: 64 << 20 });
    return stdout.trimEnd();
  } catch (error) {
    const { code, stderr } = error as { code?: string | number; stderr?: string };
    if (code === "ENOENT") throw missing(program);
    throw new Error(`${program} ${args.join(" ")} ended with ${code}: ${stderr}`, { cause: error });
  }
}

export function missing(program: Program): Error {
  return new Error(`There is no ${program} here: install Debian's ${packages[program]}`);
}

/** Logs the version of a client. */
export async function announce(program: Program, args: readonly string[] = ["--version"]): Promise<void> {
  const [version] = (await run(program, args)).split("\n");
  console.log(`${program}: ${version}`);
}
