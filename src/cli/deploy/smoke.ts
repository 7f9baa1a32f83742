import { smokeTest } from "./smoke-test.ts";

// `npm run smoke -- URL`: builds and pulls an image on a server, with the token in VARVE_TOKEN.

const [url] = process.argv.slice(2);
const token = process.env.VARVE_TOKEN;
if (url === undefined || token === undefined) {
  console.error("Usage: VARVE_TOKEN=… npm run smoke -- URL");
  process.exitCode = 2;
} else {
  try {
    await smokeTest(url.replace(/\/$/, ""), { token, report: (line) => console.log(`Smoke test: ${line}`) });
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
