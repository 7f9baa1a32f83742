import packageInfo from "../../../package.json" with { type: "json" };
import { EXIT, errorText, exitCodeOf } from "../../command/command-error.ts";
import { serverFlag, serverFlags } from "../../command/flags/server-flag.ts";
import { openService } from "../../command/open-service.ts";
import { command } from "../command.ts";

/** `varve version`: prints the version of the command even when the server cannot be reached. */
export const versionCommand = command(
  {
    name: "version",
    usage: "[OPTIONS]",
    summary: "Print the versions of this command and of the server",
    flags: {
      client: { kind: "bool", help: "Print only this command's version; sends no request" },
      format: { kind: "text", choices: ["table", "json"], value: "KIND", help: "table or json" },
      ...serverFlags,
    },
    args: [0, 0],
  },
  async ({ values }) => {
    const { version } = packageInfo;
    if (values.client) {
      process.stdout.write(`${version}\n`);
      return EXIT.ok;
    }
    const { platform, arch } = process;
    const client = { version, node: process.versions.node, platform: `${platform}/${arch}` };
    const url = serverFlag(values.server, process.env);
    const isJson = values.format === "json";
    if (!isJson) process.stdout.write(`Client: varve ${version}, Node ${client.node}, ${client.platform}\n`);
    let server: { url: string; version: string } | null = null;
    let failure: unknown;
    try {
      server = { url, version: await serverVersion(url, values.token) };
    } catch (error) {
      failure = error;
    }
    if (isJson) process.stdout.write(`${JSON.stringify({ ...client, server }, null, 2)}\n`);
    else if (server !== null) process.stdout.write(`Server: varve ${server.version} at ${url}\n`);
    if (failure === undefined) return EXIT.ok;
    process.stderr.write(errorText(failure));
    return exitCodeOf(failure);
  },
);

/** @throws {ServiceError | UnreachableError} */
async function serverVersion(url: string, token: string | undefined): Promise<string> {
  const service = await openService({ server: url, token });
  const { Version } = await service.ask<{ Version: string }>("/version");
  return Version;
}
