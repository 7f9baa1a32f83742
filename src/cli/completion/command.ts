import { EXIT, UsageError } from "../../command/command-error.ts";
import { type CommandTable, command } from "../command.ts";
import { bashScript } from "./bash.ts";
import { type CompletedCommand, completedCommand, completedHelp } from "./completed-command.ts";
import { fishScript } from "./fish.ts";
import { zshScript } from "./zsh.ts";

const scripts: ReadonlyMap<string, (commands: readonly CompletedCommand[]) => string> = new Map([
  ["bash", bashScript],
  ["fish", fishScript],
  ["zsh", zshScript],
]);

/** `varve completion`: prints a script with which a shell completes these commands and their flags. */
export const completionOf = (commands: CommandTable) =>
  command(
    {
      name: "completion",
      usage: "bash|fish|zsh",
      summary: "Print a shell completion script for commands and flags",
      about:
        "bash: source <(varve completion bash)\n\nzsh: varve completion zsh > FOLDER/_varve, where FOLDER is in $fpath\n\nfish: varve completion fish > ~/.config/fish/completions/varve.fish",
      flags: {},
      args: [1, 1],
      words: [...scripts.keys()],
    },
    async ({ args: [shell = ""] }) => {
      const script = scripts.get(shell);
      if (script === undefined) throw new UsageError(`unknown shell "${shell}"`, "Use bash, fish or zsh.");
      const known = await Promise.all(
        Object.entries(commands).map(async ([name, { load, summary }]) =>
          completedCommand(name, summary, (await load()).spec),
        ),
      );
      process.stdout.write(script([...known, completedHelp(known)]));
      return EXIT.ok;
    },
  );
