import type { BuildEvent } from "../../schemas/events.ts";
import { PlainProgress } from "../engine/plain-progress.ts";
import type { ProgressKind } from "./build-flags.ts";
import type { Progress } from "./progress.ts";

/** @param server that is told on a terminal */
export async function openProgress(kind: ProgressKind, server: string): Promise<Progress> {
  if (kind === "tty" || (kind === "auto" && isTerminal())) {
    const { TerminalProgress } = await import("./tty/terminal-progress.ts");
    return new TerminalProgress(process.stderr, process.env, new URL(server).host);
  }
  switch (kind) {
    case "rawjson": {
      const { RawProgress } = await import("../client/raw-progress.ts");
      const progress = new RawProgress(Date.now());
      return printing((event) => progress.render(event), false);
    }
    case "quiet":
    case "none":
      return printing(() => "", false);
    default: {
      const progress = new PlainProgress();
      return printing((event) => progress.render(event), true);
    }
  }
}

function isTerminal(): boolean {
  return process.stderr.isTTY === true && process.env.TERM !== "dumb";
}

function printing(render: (event: BuildEvent) => string, showsProblems: boolean): Progress {
  return {
    show(event) {
      const text = render(event);
      if (text !== "") process.stderr.write(text);
    },
    end() {},
    showsProblems,
    pause: 1000,
  };
}
