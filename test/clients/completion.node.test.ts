import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { announce } from "./programs.ts";
import { Tmux } from "./tmux.ts";

// Completion in real shells in a terminal, with the scripts installed as the help of `varve completion` describes.

const varve = join(import.meta.dirname, "../../src/cli/varve.ts");
const home = temporaryFolder({
  "bin/varve": { text: `#!/bin/sh\nexec '${process.execPath}' '${varve}' "$@"\n`, mode: 0o755 },
  "bash/rc": "PS1='> '\nsource <(varve completion bash)\n",
  "zsh/.zshrc":
    "PROMPT='> '\nvarve completion zsh > $ZDOTDIR/_varve\nfpath=($ZDOTDIR $fpath)\nautoload -Uz compinit && compinit -u -D\n",
  "fish/config.fish":
    "set -g fish_autosuggestion_enabled 0\nset -g fish_greeting\nfunction fish_prompt; echo -n '> '; end\nvarve completion fish > $XDG_CONFIG_HOME/fish/completions/varve.fish\n",
  "fish/completions/": "",
  // A command name is still completed, without a slash.
  "project/build/": "",
  "project/some file": "",
  "project/source/": "",
});
afterAll(() => home[Symbol.dispose]());

const shells = {
  bash: `bash --noprofile --rcfile ${join(home.path, "bash/rc")}`,
  fish: "fish",
  zsh: "zsh -d",
} as const;

/** Typed text, and the line after the tab key. */
const completed = {
  "varve bu": "varve build",
  "varve ba": "varve bake ",
  "varve help compl": "varve help completion ",
  "varve completion z": "varve completion zsh ",
  "varve completion zsh b": "varve completion zsh b",
  "varve volume r": "varve volume rm ",
  "varve token re": "varve token revoke ",
  "varve build --quie": "varve build --quiet",
  "varve build -q --iidf": "varve build -q --iidfile",
  "varve build --progress raw": "varve build --progress rawjson ",
  "varve build --progress=raw": "varve build --progress=rawjson ",
  "varve build --iidfile some": "varve build --iidfile some\\ file ",
  "varve build --tag so": "varve build --tag so",
  "varve build so": "varve build source/",
  "varve build -t completion so": "varve build -t completion source/",
  "varve runner --data so": "varve runner --data source/",
  "varve images so": "varve images so",
  "varve run --env build --hostn": "varve run --env build --hostname",
  "varve run image --hostn": "varve run image --hostn",
  "varve run image some": "varve run image some\\ file ",
};

describe.each(Object.keys(shells) as (keyof typeof shells)[])("%s", (shell) => {
  let terminal: Tmux;
  beforeAll(async () => {
    await announce(shell);
    // Tmux has a separate PATH.
    const command = `cd ${join(home.path, "project")}; PATH=${join(home.path, "bin")}:$PATH exec ${shells[shell]}`;
    terminal = await Tmux.open(100, 24, command, {
      HOME: home.path,
      XDG_CONFIG_HOME: home.path,
      ZDOTDIR: join(home.path, "zsh"),
    });
    await terminal.until((lines) => lines.some((line) => line === "> " || line === ">"));
  });
  afterAll(() => terminal[Symbol.asyncDispose]());

  test.each(Object.entries(completed))("%s", async (typed, whole) => {
    const last = `${shell} was asked`;
    await terminal.press("C-u");
    await terminal.type(typed);
    await terminal.until((lines) => lines.some((line) => line.endsWith(typed)));
    await terminal.press("Tab");
    // Keys are processed in order: when this one is echoed, the effect of the previous one is complete.
    await terminal.type(last);
    const lines = await terminal.until((shown) => shown.some((line) => line.endsWith(last)));
    const line = lines.find((text) => text.endsWith(last))?.slice("> ".length, -last.length);
    // After a flag, some shells add a blank, others an equals sign.
    expect(line?.replace(/(?<=--\w+)[= ]$/, "")).toBe(whole);
  });
});
