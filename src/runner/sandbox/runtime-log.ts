/** What a runtime wrote into its log. */
export interface RuntimeLog {
  /** Why it could not start the command; undefined when it could. */
  failure: string | undefined;
  /** Output of the container that the runtime did not copy to the terminal. */
  output: string;
}

/** A message of crun or runc in JSON. */
interface Message {
  level: string;
  msg: string;
}

/**
 * Reads the log of crun or runc, whose messages are lines of JSON. When a container with a terminal ends early, crun
 * writes output that it has not copied into its log: pieces, each followed by a line feed. A terminal writes `\r\n` at the
 * end of a line, so other line feeds are those of the log.
 */
export function readRuntimeLog(text: string): RuntimeLog {
  let failure: string | undefined;
  const output = text.replace(/^\{.*\}\n/gm, (line) => {
    const message = parseMessage(line);
    if (message === undefined) return line;
    if (/^(?:error|fatal)$/.test(message.level)) failure ??= message.msg;
    return "";
  });
  return { failure, output: output.replace(/(?<!\r)\n/g, "") };
}

function parseMessage(line: string): Message | undefined {
  try {
    const { level, msg } = JSON.parse(line) as Partial<Message>;
    return typeof level === "string" && typeof msg === "string" ? { level, msg } : undefined;
  } catch {
    return undefined;
  }
}
