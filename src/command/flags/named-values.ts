import { familiarReference, InvalidReferenceError, parseReference } from "../../oci/reference.ts";
import { splitKeyValue } from "../../streams/cut.ts";
import { UsageError } from "../command-error.ts";

/** Reads build arguments. One without a value has that of the environment, and is left out when there is none. */
export function readBuildArgs(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const read: Record<string, string> = {};
  for (const arg of args) {
    const [name, text] = namedPair(arg);
    const value = arg.includes("=") ? text : environment[name];
    if (value !== undefined) read[name] = value;
  }
  return read;
}

/** Reads annotations, whose names may begin with types: `index,manifest:`. @throws {UsageError} */
export function readAnnotations(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      if (text.includes("=")) return namedPair(text);
      throw new UsageError(`invalid annotation "${text}", expected key=value`);
    }),
  );
}

/** Reads named contexts: their sources by name. @throws {UsageError} */
export function readNamedContexts(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const [name, source] = splitKeyValue(text);
      if (name !== "" && source !== "") return [contextName(name), source];
      throw new UsageError(`invalid context value: ${text}, expected key=value`);
    }),
  );
}

/** The form of a context's name that the builder compares: docker.io/library/alpine:latest is alpine, as with buildx. */
function contextName(name: string): string {
  try {
    return familiarReference(parseReference(name)).replace(/:latest$/, "");
  } catch (error) {
    if (!(error instanceof InvalidReferenceError)) throw error;
    throw new UsageError(`invalid context name ${name}: ${error.message}`);
  }
}

/** Splits `NAME=VALUE`. @throws {UsageError} for an empty name */
export function namedPair(text: string): [string, string] {
  const [name, value] = splitKeyValue(text);
  if (name === "") throw new UsageError(`invalid key-value pair "${text}": empty key`);
  return [name, value];
}
