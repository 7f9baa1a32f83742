import { expect, test } from "vitest";
import { deployedAddress } from "../../src/cli/deploy/deployed-address.ts";

const output = (...targets: string[]) =>
  `{"type":"wrangler-session","version":1}\n${JSON.stringify({ type: "deploy", targets })}\n`;

test.each([
  [["https://varve.team.workers.dev", "schedule: 17 3 * * *"], "https://varve.team.workers.dev"],
  [["https://varve.team.workers.dev", "varve.example.com (custom domain)"], "https://varve.example.com"],
  [["varve.example.com (custom domain - zone name: example.com)"], "https://varve.example.com"],
  [["images.example.com/* (zone name: example.com)"], "https://images.example.com"],
  [["schedule: 17 3 * * *"], undefined],
  [[], undefined],
])("a Worker at %j has the address %s", (targets, address) => {
  expect(deployedAddress(output(...targets))).toBe(address);
});
