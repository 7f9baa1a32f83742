import { z } from "zod";
import type { Catalogue } from "./catalogue.js";

export const order = z.object({
  items: z.array(z.object({ product: z.string(), count: z.number().int().min(1) })).min(1),
});

export class OutOfStockError extends Error {
  constructor(readonly product: string) {
    super(`There is not enough of ${product}`);
  }
}

/** Takes the items of an order out of stock. Gives what it costs, in cents. */
export function place(catalogue: Catalogue, input: unknown): number {
  const { items } = order.parse(input);
  const found = items.map(({ product, count }) => {
    const item = catalogue.find(product);
    if (item === undefined || item.stock < count) throw new OutOfStockError(product);
    return { item, count };
  });
  for (const { item, count } of found) item.stock -= count;
  return found.reduce((sum, { item, count }) => sum + item.cents * count, 0);
}
