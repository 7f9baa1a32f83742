import express from "express";
import { pino } from "pino";
import { ZodError } from "zod";
import { Catalogue } from "./catalogue.js";
import { OutOfStockError, place } from "./orders.js";

const log = pino();
const catalogue = new Catalogue();
const app = express();
app.use(express.json());
app.get("/health", (_request, response) => void response.json({ ok: true }));
app.get("/products", (_request, response) => void response.json(catalogue.list(100)));
app.put("/products", (request, response) => void response.status(201).json(catalogue.add(request.body)));
app.post("/orders", (request, response) => void response.json({ cents: place(catalogue, request.body) }));
app.use(((error, _request, response, _next) => {
  if (error instanceof ZodError) response.status(400).json({ issues: error.issues });
  else if (error instanceof OutOfStockError) response.status(409).json({ error: error.message });
  else {
    log.error(error);
    response.status(500).end();
  }
}) as express.ErrorRequestHandler);
app.listen(3000, () => log.info("listening at port 3000"));
