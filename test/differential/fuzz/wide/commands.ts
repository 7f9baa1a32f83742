import type { Random } from "../random.ts";

const PLACES = ["/x", "/x/y", "/d", "/d/e", "/w/f", "/h/one", "/usr/local/n", "/l"];

/** A command of a shell that changes files and never fails. */
export function generateCommand(random: Random): string {
  const path = () => random.pick(PLACES);
  // To open a pipe waits for a reader.
  const write = (text: string) => {
    const to = path();
    return `test -p ${to} || ${text} ${to}`;
  };
  const command = random.pick([
    () => `mkdir -p ${path()}`,
    () => `rm -rf ${path()}`,
    () => `mv ${path()} ${path()}`,
    () => `ln -f ${path()} ${path()}`,
    () => `ln -sf ${path()} ${path()}`,
    () => `ln -sf ${random.pick(["/d", "x", "../etc", "/none", "l"])} /l`,
    () => `chmod ${random.pick(["700", "u+s", "a+w", "g+s", "+t", "000"])} ${path()}`,
    () => `chown 5:6 ${path()}`,
    () => `chown -R 5 ${path()}`,
    () => write("echo text >"),
    () => write("echo text >>"),
    () => `cp -a ${path()} ${path()}`,
    () => `mkfifo ${path()}`,
    () => `mknod ${path()} c 1 3`,
    () => `touch -d @${random.pick(["0", "1", "4294967296", "1500000000"])} ${path()}`,
    () => write(`truncate -s ${random.pick(["0", "1M", "9M"])}`),
    () => `sh -c 'rm -rf /x && mkdir /x && echo n > /x/n'`,
    () =>
      `sh -c 'mkdir -p /n && echo n > "/n/a b" && echo n > "/n/b\\\\c" && echo n > "/n/ü" && touch /n/.wh'`,
    () => "sh -c 'mkdir -p /n; cd /n; echo 1 > p; ln p q; ln -s p s; rm p'",
    () => "sh -c 'mv /etc/passwd /etc/p; cp -p /etc/p /etc/passwd; rm /etc/p'",
  ])();
  return `${command} 2>/dev/null || true`;
}
