/** `varve serve`: as `npm start`, with the same settings in the environment; serves until it is told to stop. */
export async function serveCommand(): Promise<number> {
  await import("./serve.ts");
  return 0;
}
