import { BASE_IMAGE } from "../../registry/base-image.ts";
import { provideBaseImage } from "../../serve/base-image.ts";

// `npm run base-image -- URL`: builds the base image of the lessons on a server from the busybox of this machine.

const [url] = process.argv.slice(2);
if (url === undefined) {
  console.error("Usage: VARVE_TOKEN=… npm run base-image -- URL");
  process.exitCode = 2;
} else {
  try {
    const server = url.replace(/\/$/, "");
    const outcome = await provideBaseImage(server, { token: process.env.VARVE_TOKEN ?? "" });
    if (outcome.kind === "missing") throw new Error(outcome.reason);
    console.log(`${server} has ${BASE_IMAGE}:latest${outcome.kind === "built" ? ", built now" : ""}`);
  } catch (error) {
    console.error(`Cannot build ${BASE_IMAGE}: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}
