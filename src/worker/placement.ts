import { jurisdiction, objectLocation } from "../../schemas/pools.ts";

/** Variables of the Worker for the location of its objects. */
export interface Placement {
  /** Location of the objects that exist once. Applies when an object is created. */
  VARVE_LOCATION?: string;
  /** Jurisdiction of all objects. Another jurisdiction has other objects, so changing it starts with empty ones. */
  VARVE_JURISDICTION?: string;
}

/**
 * The object with a name, in the jurisdiction of this server.
 * @param where location in which a missing object is created; by default near the request
 * @throws {RangeError} for an invalid location or jurisdiction
 */
export function objectByName<T extends Rpc.DurableObjectBranded | undefined>(
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

/** Like `objectByName`, for an object that exists once, and is created in the location of the server. */
export function singleObject<T extends Rpc.DurableObjectBranded | undefined>(
  namespace: DurableObjectNamespace<T>,
  name: string,
  placement: Placement,
): DurableObjectStub<T> {
  return objectByName(namespace, name, placement, placement.VARVE_LOCATION);
}

function setting<T extends string>(
  name: string,
  value: string | undefined,
  { options }: { options: readonly T[] },
): T | undefined {
  if (!value) return undefined;
  const known = options.find((option) => option === value);
  if (known !== undefined) return known;
  throw new RangeError(`Cannot use ${name}: ${JSON.stringify(value)} is not one of ${options.join(", ")}`);
}
