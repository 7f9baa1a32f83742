/** Fields of a line in the file of WRANGLER_OUTPUT_FILE_PATH. */
interface OutputLine {
  type?: string;
  targets?: string[];
}

/**
 * The address of a deployed Worker; undefined when it has none. A domain of the operator comes before one of `workers.dev`.
 * @param output contents of the file of WRANGLER_OUTPUT_FILE_PATH: a line of JSON for each event
 */
export function deployedAddress(output: string): string | undefined {
  const lines = output.split("\n").filter(Boolean);
  const targets = lines
    .map((line) => JSON.parse(line) as OutputLine)
    .flatMap(({ type, targets = [] }) => (type === "deploy" ? targets : []));
  const addresses = targets.map(urlOf).filter((url) => url !== undefined);
  return addresses.find((url) => !url.endsWith(".workers.dev")) ?? addresses[0];
}

/** A target is a URL, `name (custom domain)`, or a route with a wildcard, `name/* (zone name: …)`. */
function urlOf(target: string): string | undefined {
  const [, host] = /^(?:https:\/\/)?([a-z0-9.-]+\.[a-z]+)(?:\/\*)?(?: \(.*\))?$/i.exec(target) ?? [];
  return host === undefined ? undefined : `https://${host}`;
}
