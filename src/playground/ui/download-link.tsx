import type { ComponentChildren } from "preact";
import { fetchWithToken, token } from "../browser/access.ts";

/** A link that downloads a file from the server. With a token, the page fetches the file: plain links send no token. */
export function DownloadLink({
  href,
  name,
  children,
}: {
  href: string;
  name: string;
  children: ComponentChildren;
}) {
  const download = async (event: MouseEvent) => {
    if (token.peek() === undefined) return;
    event.preventDefault();
    const answer = await fetchWithToken(href);
    if (!answer.ok) return;
    const address = URL.createObjectURL(await answer.blob());
    Object.assign(document.createElement("a"), { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  };
  return (
    <a href={href} download={name} onClick={(event) => void download(event)}>
      {children}
    </a>
  );
}
