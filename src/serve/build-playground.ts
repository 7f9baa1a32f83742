import { playgroundAssets } from "./playground-assets.ts";

// `npm run playground`: what is deployed with the Worker.
await playgroundAssets();
