import { expect, test } from "vitest";
import { checkedFetch, MARK_HEADER } from "../../src/network/checked-fetch.ts";
import { followRedirects } from "../../src/network/follow-redirects.ts";
import { checkUrl } from "../../src/network/network-policy.ts";

/** A fetch that redirects each URL of the table, and records the headers of the requests. */
function redirecting(targets: Record<string, string>) {
  const sent: [url: string, headers: Headers][] = [];
  const fetch = async (url: string, init: RequestInit = {}) => {
    sent.push([url, new Headers(init.headers)]);
    const location = targets[url];
    return location === undefined
      ? new Response("end")
      : new Response(null, { status: 307, headers: { location } });
  };
  return { sent, fetch };
}

test("a redirect to plain http of the same host receives no credentials", async () => {
  const { sent, fetch } = redirecting({ "https://a.example/": "http://a.example/" });
  await followRedirects(fetch)("https://a.example/", { headers: { authorization: "Basic eDp5" } });
  expect(sent.map(([url, headers]) => [url, headers.get("authorization")])).toEqual([
    ["https://a.example/", "Basic eDp5"],
    ["http://a.example/", null],
  ]);
});

test("a redirect to another machine does not receive the mark", async () => {
  const { sent, fetch } = redirecting({ "http://localhost:1/": "https://a.example/" });
  await checkedFetch({ allowLoopback: true, newMark: () => "mark" }, fetch)("http://localhost:1/");
  expect(sent.map(([url, headers]) => [url, headers.get(MARK_HEADER)])).toEqual([
    ["http://localhost:1/", "mark"],
    ["https://a.example/", null],
  ]);
});

test.each(["https://registry/", "https://db:5000/"])(
  "%s, a name of a private network, is rejected",
  (url) => {
    expect(() => checkUrl(new URL(url), { allowLoopback: true })).toThrow("is not on the public network");
  },
);

test("a user in the target of a redirect is removed", async () => {
  const { sent, fetch } = redirecting({ "https://a.example/": "https://user:password@b.example/" });
  await followRedirects(fetch)("https://a.example/");
  expect(sent.map(([url]) => url)).toEqual(["https://a.example/", "https://b.example/"]);
});
