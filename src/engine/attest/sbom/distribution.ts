/** The distribution that an image is made of. */
export interface Distribution {
  /** As `debian`. */
  id: string;
  /** As `12`; empty when it has none. */
  version: string;
  /** As people call it. */
  name: string;
}

/** Reads os-release(5); undefined when it says nothing. */
export function readDistribution(text: string): Distribution | undefined {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(line.trim()) ?? [];
    if (name !== undefined && value !== undefined) values.set(name, unquoted(value));
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

function unquoted(value: string): string {
  const [, quoted] = /^(["'])(.*)\1$/.exec(value)?.slice(1) ?? [];
  return quoted?.replace(/\\(["'$`\\])/g, "$1") ?? value;
}
