import { UsageError } from "../../command/command-error.ts";
import type { FlagValues } from "../../command/flags/table.ts";
import type { ConnectionSettings } from "../../command/outputs/registry-connection.ts";
import { isLoopbackHost } from "../../network/network-policy.ts";
import { cut } from "../../streams/cut.ts";
import type { executorFlags } from "./executor-flags.ts";

type Values = FlagValues<typeof executorFlags>;

/** Settings for pushes to the destinations. */
export interface PushSettings {
  retries: number;
  ignoresImmutableTags: boolean;
  /** Undefined when the registry needs no settings. */
  connectionOf(host: string): ConnectionSettings | undefined;
}

/** @throws {UsageError} */
export function readPushSettings(values: Values): PushSettings {
  const certificates = pairs("registry-certificate", values["registry-certificate"]);
  const clients = pairs("registry-client-cert", values["registry-client-cert"]);
  return {
    retries: readCount("push-retry", values["push-retry"]),
    ignoresImmutableTags: values["push-ignore-immutable-tag-errors"] ?? false,
    connectionOf(host) {
      const certificate = certificates.get(host);
      const client = clients.get(host);
      const settings = {
        allowsHttp: values.insecure || values["insecure-registry"].includes(host) || isLoopbackHost(host),
        skipsVerification: values["skip-tls-verify"] || values["skip-tls-verify-registry"].includes(host),
        ...(certificate !== undefined && { certificate }),
        ...(client !== undefined && { client: readClient(client) }),
      };
      return Object.values(settings).some(Boolean) ? settings : undefined;
    },
  };
}

function readClient(text: string): { certificate: string; key: string } {
  const [certificate = "", key = "", ...rest] = text.split(",");
  if (certificate !== "" && key !== "" && rest.length === 0) return { certificate, key };
  throw new UsageError(`--registry-client-cert must be HOST=CERT,KEY, not ${JSON.stringify(text)}`);
}

function pairs(flag: string, texts: readonly string[]): Map<string, string> {
  return new Map(
    texts.map((text) => {
      const [host, file] = cut(text, "=");
      if (file === undefined)
        throw new UsageError(`--${flag} must be HOST=FILE, not ${JSON.stringify(text)}`);
      return [host, file] as const;
    }),
  );
}

function readCount(flag: string, text = "0"): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new UsageError(`--${flag} must be a number, not ${JSON.stringify(text)}`);
}
