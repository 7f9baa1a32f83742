import Fastify from "fastify";
import { invoice } from "./invoices.js";

const app = Fastify({ logger: true });
app.get<{ Params: { cents: string } }>("/invoice/:cents", ({ params }) => {
  return invoice(Number(params.cents), new Date());
});
await app.listen({ host: "0.0.0.0", port: 4000 });
