import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";

/** A linked network namespace with an HTTP server, in place of another machine. */
export interface OtherMachine extends AsyncDisposable {
  /** `<address>:<port>` of its server, which answers "hello from another machine". */
  host: string;
  /** The address of this machine on the link. */
  own: string;
}

const SERVER = `
require("node:http").createServer((_, response) => response.end("hello from another machine\\n"))
  .listen(8080, "0.0.0.0", () => console.log("ready"));`;

/** Needs root and `ip`. @param number makes the names of links unique per test file */
export async function startOtherMachine(number: number): Promise<OtherMachine> {
  const [own, other, name] = [`198.18.${number}.1`, `198.18.${number}.2`, `varve-test-${number}`];
  const child = spawn("unshare", ["--net", process.execPath, "--eval", SERVER], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  await once(child.stdout, "data");
  const ip = (...words: string[]) => execFileSync("ip", words);
  const there = (...words: string[]) =>
    execFileSync("nsenter", ["--target", String(child.pid), "--net", "ip", ...words]);
  ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", String(child.pid));
  ip("address", "add", `${own}/24`, "dev", name);
  ip("link", "set", name, "up");
  there("address", "add", `${other}/24`, "dev", "eth0");
  there("link", "set", "eth0", "up");
  return {
    host: `${other}:8080`,
    own,
    async [Symbol.asyncDispose]() {
      // The link disappears with the namespace.
      child.kill("SIGKILL");
      await exited;
    },
  };
}
