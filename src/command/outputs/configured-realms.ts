import { parseRealms, type Realms } from "../../registry/realm.ts";
import { UsageError } from "../command-error.ts";

/** Token services that the user trusts with passwords, from `VARVE_REALMS`. @throws {UsageError} */
export function configuredRealms(): Realms {
  try {
    return parseRealms(process.env.VARVE_REALMS);
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  }
}
