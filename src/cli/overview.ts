import { EXIT } from "../command/command-error.ts";
import { suggest } from "../dockerfile/suggest.ts";
import { commands } from "./commands.ts";
import { columnsText } from "./help.ts";

/** `varve` without a known command: prints the help, the version, or an error. Returns the exit code. */
export async function overview(name: string | undefined, words: readonly string[]): Promise<number> {
  if (name === "--version" || name === "-v")
    return (await commands.version?.load())?.(["--client"]) ?? EXIT.failed;
  const asked = name === "help" ? words[0] : undefined;
  if (asked !== undefined && Object.hasOwn(commands, asked)) {
    return (await commands[asked]?.load())?.(["--help"]) ?? EXIT.failed;
  }
  const isHelp = name === "--help" || name === "-h" || (name === "help" && asked === undefined);
  const text = usageText(process.stdout.columns ?? 80);
  if (isHelp) {
    process.stdout.write(text);
    return EXIT.ok;
  }
  const wrong = asked ?? name;
  if (wrong === undefined) process.stderr.write(text);
  else
    process.stderr.write(
      `ERROR: ${wrong.startsWith("-") ? `unknown flag: ${wrong}` : `unknown command "${wrong}"`}\n${hintFor(wrong)}`,
    );
  return EXIT.usage;
}

function usageText(columns: number): string {
  const list = Object.entries(commands).map(([name, { summary }]) => [name, summary] as const);
  return `Usage:  varve COMMAND [OPTIONS]\n\nBuilds container images at the edge.\n\nCommands:\n${columnsText(list, columns)}\n\n"varve COMMAND --help" describes a command.\n`;
}

/** Commands by the name that docker has for them. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  buildx: "build",
  df: "usage",
  du: "usage",
  image: "images",
  ls: "images",
  rm: "rmi",
};

function hintFor(wrong: string): string {
  const near = Object.hasOwn(OTHER_NAMES, wrong) ? OTHER_NAMES[wrong] : suggest(wrong, Object.keys(commands));
  return `HINT: ${near === undefined ? `"varve --help" lists the commands.` : `Did you mean "varve ${near}"?`}\n`;
}
