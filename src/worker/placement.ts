import { jurisdiction, objectLocation } from "../../schemas/pools.ts";

/** Variables of the Worker that decide where its objects are. */
export interface Placement {
  /** Location of the objects that exist once. Cloudflare reads it when it creates an object. */
  VARVE_LOCATION?: string;
  /** Jurisdiction of all objects. Another one has other objects, which are empty at first. */
  VARVE_JURISDICTION?: string;
}

/**
 * The object of a name, in the jurisdiction of this server.
 * @param where location in which a missing object is created; by default near the request
 * @throws {RangeError} for a setting that is no location or jurisdiction
 */
export function placed<T extends Rpc.DurableObjectBranded | undefined>(
  namespace: DurableObjectNamespace<T>,
  name: string,
  { VARVE_JURISDICTION }: Placement,
  where = "",
): DurableObjectStub<T> {
  const within = setting("VARVE_JURISDICTION", VARVE_JURISDICTION, jurisdiction);
  const locationHint = setting("the location of objects", where, objectLocation);
  const objects = within === undefined ? namespace : namespace.jurisdiction(within);
  return objects.getByName(name, locationHint && { locationHint });
}

/** As `placed`, for an object that exists once and is created in the location of the server. */
export function single<T extends Rpc.DurableObjectBranded | undefined>(
  namespace: DurableObjectNamespace<T>,
  name: string,
  placement: Placement,
): DurableObjectStub<T> {
  return placed(namespace, name, placement, placement.VARVE_LOCATION);
}

function setting<T extends string>(
  name: string,
  value: string | undefined,
  { options }: { options: readonly T[] },
): T | undefined {
  if (!value) return undefined;
  const known = options.find((option) => option === value);
  if (known !== undefined) return known;
  throw new RangeError(`Cannot use ${name}: ${JSON.stringify(value)} is none of ${options.join(", ")}`);
}
