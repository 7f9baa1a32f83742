import { z } from "zod";
import { readExtraHost, ulimitFault, ulimitNames } from "./run-settings.ts";

/** The network of RUN steps: a separate one for each step, none, or that of the runner's machine. */
export const networkMode = z.enum(["default", "none", "host"]);

/** `NAME=ADDRESS` or `NAME:ADDRESS`, in docker's form. */
export const extraHost = z
  .string()
  .max(300)
  .refine((text) => readExtraHost(text) !== undefined, { error: ({ input }) => `invalid host ${input}` });

/** A limit for a process (getrlimit(2)). -1 means unlimited. */
export const ulimit = z
  .strictObject({ name: z.enum(ulimitNames), soft: z.int().min(-1), hard: z.int().min(-1) })
  .refine((limit) => ulimitFault(limit) === undefined, {
    error: ({ input }) => ulimitFault(input as { soft: number; hard: number }),
  });
export type Ulimit = z.infer<typeof ulimit>;

/** Limits in the form of Docker's Engine API. */
export const engineUlimits = z
  .array(z.strictObject({ Name: z.string(), Soft: z.int(), Hard: z.int() }))
  .nullable()
  .transform((limits) =>
    (limits ?? []).map(({ Name, Soft, Hard }) => ({ name: Name, soft: Soft, hard: Hard })),
  )
  .pipe(z.array(ulimit));
