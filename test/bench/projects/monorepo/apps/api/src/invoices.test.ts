import assert from "node:assert/strict";
import { test } from "node:test";
import { invoice } from "./invoices.js";

test("an invoice has its tax and is due after ten working days", () => {
  const { tax, due } = invoice(1050, new Date("2026-11-27"));
  assert.equal(tax, 200);
  assert.equal(due, "2026-12-11");
});
