import { z } from "zod";

export const product = z.object({
  id: z.string().regex(/^[a-z0-9-]+$/),
  name: z.string().min(1),
  cents: z.number().int().min(0),
  stock: z.number().int().min(0),
});
export type Product = z.infer<typeof product>;

/** Products by id. */
export class Catalogue {
  readonly #products = new Map<string, Product>();

  add(input: unknown): Product {
    const added = product.parse(input);
    this.#products.set(added.id, added);
    return added;
  }

  find(id: string): Product | undefined {
    return this.#products.get(id);
  }

  list(most: number): Product[] {
    return [...this.#products.values()].sort((a, b) => a.name.localeCompare(b.name)).slice(0, most);
  }
}
