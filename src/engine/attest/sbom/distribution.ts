/** The Linux distribution of an image. */
export interface Distribution {
  /** For example `debian`. */
  id: string;
  /** For example `12`; empty when the distribution has no version. */
  version: string;
  /** The name for display. */
  name: string;
}

/** Reads os-release(5); undefined when it names no distribution. */
export function readDistribution(text: string): Distribution | undefined {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(line.trim()) ?? [];
    if (name !== undefined && value !== undefined) values.set(name, unquote(value));
  }
  const id = values.get("ID") ?? "";
  if (!/^[a-z0-9._-]{1,64}$/.test(id)) return undefined;
  const version = values.get("VERSION_ID") ?? "";
  return {
    id,
    version: /^[A-Za-z0-9._~+-]{1,64}$/.test(version) ? version : "",
    name: (values.get("PRETTY_NAME") || id).slice(0, 256),
  };
}

function unquote(value: string): string {
  const [, quoted] = /^(["'])(.*)\1$/.exec(value)?.slice(1) ?? [];
  return quoted?.replace(/\\(["'$`\\])/g, "$1") ?? value;
}
