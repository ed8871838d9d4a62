import { client } from "./hey-api/client.gen";
import * as sdk from "./hey-api/sdk.gen";
import type { Parameter } from "./hey-api/types.gen";
import { walk } from "./walk";

client.setConfig({ baseUrl: process.env.API_URL!, auth: () => process.env.API_TOKEN!, throwOnError: true });

const maximum = (parameter: Parameter) => (parameter.type === "integer" ? parameter.max : null);
const path = (session_id: string, scenario_id: string) => ({ session_id, scenario_id });

void walk<Parameter>("hey-api", maximum, {
  defaultSession: async () => (await sdk.listSessions({ throwOnError: true })).data.default,
  upload: async (session_id, dataset_name, files) =>
    (await sdk.runEtl({ path: { session_id }, body: { dataset_name, files }, throwOnError: true })).data.success,
  parameters: async (session_id, algorithm_name) =>
    (await sdk.getAlgorithmParameters({ path: { session_id, algorithm_name }, throwOnError: true })).data.parameters,
  create: async (session_id, dataset_key, duration) => {
    const body = { tag: dataset_key, dataset_key, algo_name: "Slow", algo_params: { duration } };
    return (await sdk.createScenario({ path: { session_id }, body, throwOnError: true })).data.id;
  },
  run: async (session, scenario) =>
    (await sdk.runScenario({ path: path(session, scenario), throwOnError: true })).data.status,
  status: async (session, scenario) =>
    (await sdk.getScenarioStatus({ path: path(session, scenario), throwOnError: true })).data,
  kpis: async (session, scenario) =>
    Object.keys((await sdk.getScenario({ path: path(session, scenario), throwOnError: true })).data.kpis),
});
