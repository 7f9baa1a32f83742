import { openApi } from "./openapi.ts";

// Prints the OpenAPI description. To update the committed file: `npm run --silent openapi > schemas/openapi.json`.
console.log(JSON.stringify(openApi(), null, 2));
