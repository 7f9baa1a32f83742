import { vi } from "vitest";
import { fakeRegistry } from "../registry/fake-registry.ts";
import { testImage } from "../registry/test-image.ts";

/** A resource of an outside server that is served once its gate is open. */
interface Gate {
  /** The URL of a file, or the reference of an image. */
  url: string;
  /** Resolves when a request waits. */
  waiting(): Promise<void>;
  open(): void;
}

const servers = new Map<string, (request: Request) => Promise<Response> | Response>();

// All requests of the Worker in this test file are sent to these servers.
vi.stubGlobal("fetch", async (url: string, init?: RequestInit) => {
  const request = new Request(url, init);
  const serve = servers.get(new URL(request.url).origin);
  if (serve === undefined) throw new TypeError(`There is no server at ${request.url}`);
  return serve(request);
});

export function serve(origin: string, answer: (request: Request) => Promise<Response> | Response): void {
  servers.set(origin, answer);
}

/** A file at `https://<name>.example.com/file`, served once the gate is open. */
export function gatedFile(name: string, contents: string): Gate {
  const { pass, ...gate } = newGate();
  serve(`https://${name}.example.com`, async () => {
    await pass();
    return new Response(contents);
  });
  return { url: `https://${name}.example.com/file`, ...gate };
}

/** An image `<name>.example.com/base:1` whose one layer, not an archive, is served once the gate is open. */
export function gatedImage(name: string): Gate {
  const { pass, ...gate } = newGate();
  const image = testImage([`layer of ${name}`]);
  const layer = image.blobs.at(-1)?.descriptor.digest ?? "";
  const registry = fakeRegistry("base", "1", image, async ({ url }) => {
    if (url.endsWith(layer)) await pass();
    return undefined;
  });
  serve(`https://${name}.example.com`, registry);
  return { url: `${name}.example.com/base:1`, ...gate };
}

/** Both sides poll, because a promise of one Durable Object must not be awaited in another. */
function newGate() {
  let isOpen = false;
  let asked = 0;
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return {
    async pass() {
      asked++;
      await until(() => isOpen);
    },
    waiting: () => until(() => asked > 0),
    open() {
      isOpen = true;
    },
  };
}
