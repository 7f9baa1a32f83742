import { DurableObject } from "cloudflare:workers";

export class Build extends DurableObject {}

export default { fetch: () => new Response("varve") } satisfies ExportedHandler;
