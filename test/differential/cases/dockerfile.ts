/** A Dockerfile of these lines. */
export const doc = (...lines: string[]) => `${lines.join("\n")}\n`;
