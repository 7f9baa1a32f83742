import type { ComponentChildren } from "preact";

interface StorageTableProps {
  head: readonly string[];
  /** The first cell of a row is its header. */
  rows: readonly { key: string; cells: readonly ComponentChildren[] }[];
  total?: readonly ComponentChildren[];
  /** Number of leading columns that contain texts, not numbers. */
  texts?: number;
}

export function StorageTable({ head, rows, total, texts = 1 }: StorageTableProps) {
  const kind = (column: number) => (column < texts ? undefined : "storage-number");
  const row = ([name, ...values]: readonly ComponentChildren[], key?: string) => (
    <tr key={key}>
      <th scope="row">{name}</th>
      {values.map((value, index) => (
        <td key={head[index + 1]} class={kind(index + 1)}>
          {value}
        </td>
      ))}
    </tr>
  );
  return (
    <table class="storage-table">
      <thead>
        <tr>
          {head.map((name, column) => (
            <th key={name} scope="col" class={kind(column)}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{rows.map(({ key, cells }) => row(cells, key))}</tbody>
      {total !== undefined && <tfoot>{row(total)}</tfoot>}
    </table>
  );
}

export function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="number">{value}</dd>
    </div>
  );
}
