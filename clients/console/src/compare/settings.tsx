/** What the scenarios were run with. */

import type { Comparison } from "algomancy-client";
import { Scrolling } from "../shared/parts.tsx";
import { textOf } from "../shared/texts.ts";

interface Setting {
  name: string;
  differs: boolean;
  values: readonly unknown[];
}

export function Settings({ comparison, shown }: { comparison: Comparison; shown: readonly number[] }) {
  const { scenarios, dataset, algorithm, parameters, data_parameters } = comparison;
  const settings: Setting[] = [
    ...(dataset ? [{ name: "Dataset", ...dataset }] : []),
    ...(algorithm ? [{ name: "Algorithm", ...algorithm }] : []),
    ...parameters,
    ...data_parameters,
    { name: "Seconds", differs: false, values: scenarios.map(({ run }) => run?.seconds) },
  ];
  return (
    <details>
      <summary>What they were run with</summary>
      <Scrolling label="Parameters">
        <table>
          <thead>
            <tr>
              <th scope="col">Parameter</th>
              {shown.map((position) => (
                <th key={position} scope="col">
                  {scenarios[position]!.tag}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {settings.map(({ name, differs, values }, row) => (
              <tr key={row} {...(differs && { class: "differs" })}>
                <th scope="row">{name}</th>
                {shown.map((position) => (
                  <td key={position}>{textOf(values[position])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolling>
    </details>
  );
}
