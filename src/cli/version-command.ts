import packageInfo from "../../package.json" with { type: "json" };
import { command } from "./command.ts";
import { EXIT } from "./command-error.ts";

/** `varve version`. */
export const versionCommand = command(
  {
    name: "version",
    usage: "[OPTIONS]",
    summary: "Print the version of the command",
    flags: {
      client: { kind: "bool", help: "Only the number" },
      format: { kind: "text", choices: ["table", "json"], value: "KIND", help: "table or json" },
    },
    args: [0, 0],
  },
  async ({ values }) => {
    const { version } = packageInfo;
    const { platform, arch } = process;
    const about = { version, node: process.versions.node, platform: `${platform}/${arch}` };
    if (values.client) process.stdout.write(`${version}\n`);
    else if (values.format === "json") process.stdout.write(`${JSON.stringify(about, null, 2)}\n`);
    else process.stdout.write(`varve ${version}, Node ${about.node}, ${about.platform}\n`);
    return EXIT.ok;
  },
);
