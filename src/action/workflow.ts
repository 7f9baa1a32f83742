import { appendFileSync } from "node:fs";

/** Variables that GitHub sets for a step. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Title and place of an annotation; lines are 1-based. */
interface AnnotationPlace {
  title?: string | undefined;
  /** Relative to the workspace. */
  file?: string | undefined;
  line?: number | undefined;
  endLine?: number | undefined;
}

/**
 * The interface to GitHub's runner: commands in the output, and files named by variables (GitHub Docs, "Workflow
 * commands"). Outside of GitHub no files are written.
 */
export class Workflow {
  readonly #environment: Environment;
  readonly #write: (text: string) => void;

  constructor(environment: Environment, write: (text: string) => void) {
    this.#environment = environment;
    this.#write = write;
  }

  /** Prints a line of the log. */
  print(text: string): void {
    this.#write(`${text}\n`);
  }

  /** Masks a text in the log. */
  mask(secret: string): void {
    if (secret !== "") this.#command("add-mask", {}, secret);
  }

  /**
   * Starts a group of lines, which GitHub folds. Groups do not nest. Prints the line that GitHub's runner writes for the
   * command `group`, because commands may be stopped.
   * @param title one line
   */
  startGroup(title: string): void {
    this.print(`##[group]${title}`);
  }

  endGroup(): void {
    this.print("##[endgroup]");
  }

  annotate(kind: "error" | "warning", message: string, place: AnnotationPlace = {}): void {
    this.#command(kind, { ...place }, message);
  }

  setOutput(name: string, value: string): void {
    this.#assign("GITHUB_OUTPUT", name, value);
  }

  /** Keeps a value for the post step, which reads it with `state`. */
  saveState(name: string, value: string): void {
    this.#assign("GITHUB_STATE", name, value);
  }

  state(name: string): string {
    return this.#environment[`STATE_${name}`] ?? "";
  }

  /** Adds Markdown to the summary of the job. */
  summarize(markdown: string): void {
    this.#append("GITHUB_STEP_SUMMARY", markdown);
  }

  /** Runs `work` with commands disabled, because it prints untrusted text. */
  async withoutCommands<T>(work: () => Promise<T>): Promise<T> {
    const token = crypto.randomUUID();
    this.#command("stop-commands", {}, token);
    try {
      return await work();
    } finally {
      // The last line may not end with a newline.
      this.#write(`\n::${token}::\n`);
    }
  }

  #command(name: string, properties: Record<string, string | number | undefined>, message: string): void {
    const given = Object.entries(properties)
      .filter(([, value]) => value !== undefined && value !== "")
      .map(([key, value]) => `${key}=${escapeProperty(String(value))}`);
    this.#write(`::${name}${given.length > 0 ? ` ${given.join(",")}` : ""}::${escapeData(message)}\n`);
  }

  #assign(variable: string, name: string, value: string): void {
    // Random, so that no value can contain it.
    const end = `end_${crypto.randomUUID()}`;
    this.#append(variable, `${name}<<${end}\n${value}\n${end}\n`);
  }

  #append(variable: string, text: string): void {
    const file = this.#environment[variable];
    if (file) appendFileSync(file, text);
  }
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
