// The walk of each client through the API: files become a dataset, and a scenario on it runs until it has ended.

/** The calls of a generated client, with the types that it has for them. */
export interface Calls<Parameter extends { type: string; name: string }> {
  defaultSession(): Promise<string>;
  upload(session: string, dataset_name: string, files: File[]): Promise<boolean>;
  parameters(session: string, algorithm: string): Promise<Parameter[]>;
  create(session: string, dataset_key: string, duration: number): Promise<string>;
  run(session: string, scenario: string): Promise<string>;
  status(session: string, scenario: string): Promise<{ status: string; progress: number }>;
  kpis(session: string, scenario: string): Promise<string[]>;
}

const INSTANCE = "name;comment;edge_weight_type;optimum;source\nSquare;;EUC_2D;4;\n";
const CITIES = "id;x;y\n0;0;0\n1;0;1\n2;1;0\n3;1;1\n";

export async function walk<Parameter extends { type: string; name: string }>(
  name: string,
  maximum: (parameter: Parameter) => number | null | undefined,
  calls: Calls<Parameter>,
): Promise<void> {
  const session = await calls.defaultSession();
  const files = [new File([INSTANCE], "instance.csv"), new File([CITIES], "cities.csv")];
  const accepted = await calls.upload(session, name, files);
  const parameters = await calls.parameters(session, "Slow");
  const scenario = await calls.create(session, name, 1);
  const begun = await calls.run(session, scenario);
  let state = await calls.status(session, scenario);
  while (state.status !== "complete" && state.status !== "failed") {
    await new Promise((resolve) => setTimeout(resolve, 50));
    state = await calls.status(session, scenario);
  }
  const limits = Object.fromEntries(parameters.map((parameter) => [parameter.name, maximum(parameter) ?? null]));
  const kpis = (await calls.kpis(session, scenario)).length > 0;
  console.log(JSON.stringify({ accepted, limits, begun, ended: state.status, progress: state.progress, kpis }));
}
