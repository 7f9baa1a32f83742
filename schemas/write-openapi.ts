import { openApi } from "./openapi.ts";

// Prints the description; `npm run --silent openapi > schemas/openapi.json` renews the committed one.
console.log(JSON.stringify(openApi(), null, 2));
