import packageInfo from "../../../package.json" with { type: "json" };
import { CommandError } from "../../command/command-error.ts";

throw new CommandError(
  "varve serve is not part of this executable, which contains no Workers runtime",
  `Use the server's image, or install: npm install -g varve miniflare@${packageInfo.peerDependencies.miniflare}`,
);
