import { useTitle } from "../../ui/title.ts";
export default function Workbench() {
  useTitle(undefined);
  return <p>…</p>;
}
